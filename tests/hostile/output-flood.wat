;;! does = "returns a text that is longer than allowed"
;;! limits = ["output=1MiB"]
;;! expect = "exceeded output"
(module
  (memory (export "memory") 20)
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (i32.store (i32.const 68) (i32.const 1024))
    (i32.store (i32.const 72) (i32.const 0x110000))
    (i32.const 64)))
