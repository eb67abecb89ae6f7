;;! does = "imports ten thousand functions"
;;! wit = "import extra{n}: func();"
;;! wit-times = 10000
;;! expect = "not loaded: contract"
(module
  (import "$root" "extra{n}" (func)) ;; times 10000
)
