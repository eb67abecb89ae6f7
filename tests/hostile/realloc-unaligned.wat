;;! does = "says that there is room for its arguments where they cannot be"
;;! text = "word"
;;! expect = "trapped host"
(module
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 1025)))
