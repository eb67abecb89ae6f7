;;! does = "calls itself without end"
;;! expect = "exceeded stack"
(module
  (func $deep (param i32) (result i32)
    (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $deep (i32.const 0))))
