;;! does = "says that there is room for its arguments beyond the end of its memory"
;;! text = "word"
;;! expect = "trapped host"
(module
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const -8)))
