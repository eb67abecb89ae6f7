;;! does = "refuses a document with a message that is longer than a document may be"
;;! world = "transformer"
;;! limits = ["output=1MiB"]
;;! expect = "exceeded output"
(module
  (memory (export "memory") 20)
  ;; `internal`, the fourth case of the failure.
  (func (export "plugwright:plugin/transform@0.2.0#transform")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.store8 (i32.const 64) (i32.const 1))
    (i32.store8 (i32.const 68) (i32.const 3))
    (i32.store (i32.const 72) (i32.const 1024))
    (i32.store (i32.const 76) (i32.const 0x110000))
    (i32.const 64)))
