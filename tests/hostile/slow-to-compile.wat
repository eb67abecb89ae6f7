;;! does = "has a function of 29 KB that takes minutes to compile"
;;! expect = "not loaded: compiler cpu-time"
;;! compiler-limits = ["cpu-time=1s"]
(module
  (func $slow
    (local i64) ;; times 5000
    (loop ;; times 1000
      (drop (local.get {n})) ;; times 5000
    ) ;; times 1000
  )
)
