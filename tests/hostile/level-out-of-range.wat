;;! does = "logs with an invalid level"
;;! expect = "trapped host"
(module
  (import "plugwright:plugin/host@0.2.0" "log" (func $log (param i32 i32 i32 i32 i32)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $log (i32.const 99) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    unreachable))
