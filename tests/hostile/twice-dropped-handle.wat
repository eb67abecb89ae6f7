;;! does = "drops a map twice"
;;! expect = "trapped host"
(module
  (import "plugwright:plugin/host@0.2.0" "[constructor]map-resource"
    (func $map (param i32 i32) (result i32)))
  (import "plugwright:plugin/host@0.2.0" "[resource-drop]map-resource" (func $drop (param i32)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (local $map i32)
    (local.set $map (call $map (i32.const 0) (i32.const 0)))
    (call $drop (local.get $map))
    (call $drop (local.get $map))
    (i32.const 0)))
