;;! does = "returns a description that is too long"
;;! world = "transformer"
;;! call = "describe"
;;! limits = ["transfer=1MiB"]
;;! expect = "exceeded transfer"
(module
  (memory (export "memory") 20)
  (func (export "plugwright:plugin/transform@0.2.0#describe") (result i32)
    (i32.store (i32.const 64) (i32.const 1024))
    (i32.store (i32.const 68) (i32.const 0x110000))
    (i32.const 64)))
