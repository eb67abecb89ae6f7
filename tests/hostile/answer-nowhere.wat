;;! does = "returns an address beyond the end of its memory"
;;! expect = "trapped host"
(module
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (i32.const -4)))
