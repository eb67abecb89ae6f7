;;! does = "uses a map after giving it away"
;;! expect = "trapped host"
(module
  (import "plugwright:plugin/host@0.2.0" "[constructor]map-resource"
    (func $map (param i32 i32) (result i32)))
  (import "plugwright:plugin/host@0.2.0" "log-structured" (func $log (param i32 i32 i32)))
  (import "plugwright:plugin/host@0.2.0" "[method]map-resource.length"
    (func $length (param i32) (result i32)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (local $map i32)
    (local.set $map (call $map (i32.const 0) (i32.const 0)))
    (call $log (i32.const 0) (i32.const 0) (local.get $map))
    (call $length (local.get $map))))
