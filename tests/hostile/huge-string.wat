;;! does = "passes the host a text of 200 MiB"
;;! expect = "exceeded transfer"
(module
  (import "plugwright:plugin/host@0.2.0" "log" (func $log (param i32 i32 i32 i32 i32)))
  (memory (export "memory") 3300)
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $log (i32.const 2) (i32.const 0) (i32.const 0xc800000) (i32.const 0) (i32.const 0))
    unreachable))
