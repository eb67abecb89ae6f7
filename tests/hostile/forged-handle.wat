;;! does = "uses the handle of a map that another instance made"
;;! expect = "trapped host"
(module
  (import "plugwright:plugin/host@0.2.0" "[method]map-resource.length"
    (func $length (param i32) (result i32)))
  ;; The first handle of each instance is 1.
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $length (i32.const 1))))
