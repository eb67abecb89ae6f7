;;! does = "uses a handle to its own resource as a handle to a map of the host"
;;! expect = "trapped host"
(module
  (import "[export]plugwright:plugin/words@0.2.0" "[resource-new]person-resource"
    (func $new-person (param i32) (result i32)))
  (import "plugwright:plugin/host@0.2.0" "[method]map-resource.length"
    (func $length (param i32) (result i32)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $length (call $new-person (i32.const 7)))))
