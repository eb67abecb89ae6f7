;;! does = "exports three thousand functions"
;;! wit = "export extra{n}: func();"
;;! wit-times = 3000
;;! expect = "done"
(module
  (func $nothing)
  (export "extra{n}" (func $nothing)) ;; times 3000
)
