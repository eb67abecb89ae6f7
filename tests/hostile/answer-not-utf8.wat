;;! does = "returns a text that is not UTF-8"
;;! expect = "trapped host"
(module
  (data (i32.const 64) "\00\00\00\00\60\00\00\00\02\00\00\00")
  (data (i32.const 96) "\c3\28")
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (i32.const 64)))
