;;! does = "has the host keep maps without end"
;;! expect = "exceeded handles"
(module
  (import "plugwright:plugin/host@0.2.0" "[constructor]map-resource"
    (func $map (param i32 i32) (result i32)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (loop $again
      (drop (call $map (i32.const 0) (i32.const 0)))
      (br $again))
    unreachable))
