;;! does = "has a function of 50 KB that takes gigabytes to compile"
;;! expect = "not loaded: compiler memory"
;;! compiler-limits = ["memory=128MiB"]
(module
  (func $large (param i32)
    (local i64) ;; times 5000
    (if (local.get 0) (then)) ;; times 5000
    (drop (local.get {n+1})) ;; times 5000
  )
)
