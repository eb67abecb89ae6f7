;;! does = "makes handles to its own resources without end"
;;! expect = "exceeded handles"
(module
  (import "[export]plugwright:plugin/words@0.2.0" "[resource-new]person-resource"
    (func $new-person (param i32) (result i32)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (loop $again
      (drop (call $new-person (i32.const 0)))
      (br $again))
    unreachable))
