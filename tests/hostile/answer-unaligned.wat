;;! does = "returns an address that is not aligned"
;;! expect = "trapped host"
(module
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (i32.const 65)))
