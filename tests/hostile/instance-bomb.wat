;;! does = "is composed of a part that has two parts that have two parts, 60 times over"
;;! expect = "not loaded: exceeded"
;;! besides = """
;;! (component
;;!   (component $part0)
;;!   (component $part{n+1} (instance (instantiate $part{n})) (instance (instantiate $part{n}))) ;; times 60
;;!   (instance (instantiate $part60)))"""
(module)
