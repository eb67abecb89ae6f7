;;! does = "allocates for its arguments without end"
;;! limits = ["deadline=50ms"]
;;! text = "word"
;;! expect = "exceeded deadline"
(module
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (loop $again (br $again))
    unreachable))
