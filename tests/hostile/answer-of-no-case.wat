;;! does = "returns neither a result nor a refusal"
;;! expect = "trapped host"
(module
  (data (i32.const 64) "\07")
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (i32.const 64)))
