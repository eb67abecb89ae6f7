;;! does = "doubles a part 60 times"
;;! expect = "not loaded: exceeded"
;;! besides = """
;;! (component
;;!   (component $part0)
;;!   (component $part{n+1} (instance (instantiate $part{n})) (instance (instantiate $part{n}))) ;; times 60
;;!   (instance (instantiate $part60)))"""
(module)
