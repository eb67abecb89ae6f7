;;! does = "asks for random numbers, which were not granted"
;;! wit = "import wasi:random/random@0.2.6;"
;;! dependency = "package wasi:random@0.2.6; interface random { get-random-u64: func() -> u64; }"
;;! expect = "not loaded: contract"
(module
  (import "wasi:random/random@0.2.6" "get-random-u64" (func $random (result i64)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (drop (call $random))
    (i32.const 0)))
