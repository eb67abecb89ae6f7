;;! does = "logs a line with 100 000 empty fields"
;;! limits = ["log-bytes=64KiB"]
;;! expect = "exceeded log-bytes"
(module
  (import "plugwright:plugin/host@0.2.0" "log" (func $log (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 30)
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 100000))
    (i32.const 0)))
