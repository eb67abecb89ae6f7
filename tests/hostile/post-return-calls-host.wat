;;! does = "calls the host when it cleans up after its answer"
;;! expect = "trapped other"
(module
  (import "plugwright:plugin/host@0.2.0" "log" (func $log (param i32 i32 i32 i32 i32)))
  (func (export "cabi_post_plugwright:plugin/words@0.2.0#prettify") (param i32)
    (call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))))
