;;! does = "returns a text that is not in its memory"
;;! expect = "trapped host"
(module
  (data (i32.const 64) "\00\00\00\00\00\00\ff\ff\ff\ff\00\00")
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (i32.const 64)))
