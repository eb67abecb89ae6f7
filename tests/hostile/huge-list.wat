;;! does = "passes the host a list of four million empty pairs"
;;! expect = "exceeded transfer"
(module
  (import "plugwright:plugin/host@0.2.0" "[constructor]map-resource"
    (func $map (param i32 i32) (result i32)))
  (memory (export "memory") 1100)
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $map (i32.const 0) (i32.const 0x400000))))
