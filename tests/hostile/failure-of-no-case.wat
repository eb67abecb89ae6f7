;;! does = "refuses with a failure that the contract does not have"
;;! world = "transformer"
;;! expect = "trapped host"
(module
  (data (i32.const 64) "\01\00\00\00\09")
  (func (export "plugwright:plugin/transform@0.2.0#transform")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 64)))
