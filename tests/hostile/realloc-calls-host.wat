;;! does = "calls the host while the host passes it arguments"
;;! text = "word"
;;! expect = "trapped other"
(module
  (import "plugwright:plugin/host@0.2.0" "log" (func $log (param i32 i32 i32 i32 i32)))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
    (i32.const 1024)))
