;;! does = "exports ten thousand functions"
;;! wit = "export extra{n}: func();"
;;! wit-times = 10000
;;! expect = "done"
(module
  (func $nothing)
  (export "extra{n}" (func $nothing)) ;; times 10000
)
