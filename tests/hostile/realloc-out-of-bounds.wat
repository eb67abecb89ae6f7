;;! does = "returns an address beyond the end of its memory for its arguments"
;;! text = "word"
;;! expect = "trapped host"
(module
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const -8)))
