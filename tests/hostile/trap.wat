;;! does = "traps, and is called again"
;;! expect = "trapped unreachable"
(module
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    unreachable))
