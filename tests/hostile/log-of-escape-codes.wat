;;! does = "logs a text that would clear a terminal and write another line, and refuses with it"
;;! expect = "refused"
(module
  (import "plugwright:plugin/host@0.2.0" "log" (func $log (param i32 i32 i32 i32 i32)))
  (data (i32.const 32) "\1b[2J\1b[H\r\nerror: all is well\08")
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $log (i32.const 2) (i32.const 32) (i32.const 28) (i32.const 0) (i32.const 0))
    (i32.store8 (i32.const 512) (i32.const 1))
    (i32.store (i32.const 516) (i32.const 32))
    (i32.store (i32.const 520) (i32.const 28))
    (i32.const 512)))
