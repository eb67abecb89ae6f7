;;! does = "returns an address that is not aligned for its arguments"
;;! text = "word"
;;! expect = "trapped host"
(module
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 1025)))
