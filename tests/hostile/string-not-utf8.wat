;;! does = "passes the host a text that is not UTF-8"
;;! expect = "trapped host"
(module
  (import "plugwright:plugin/host@0.2.0" "log" (func $log (param i32 i32 i32 i32 i32)))
  (data (i32.const 32) "\ff\fe")
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $log (i32.const 2) (i32.const 32) (i32.const 2) (i32.const 0) (i32.const 0))
    unreachable))
