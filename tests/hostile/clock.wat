;;! does = "asks for the time of day, which was not granted"
;;! wit = "import wasi:clocks/wall-clock@0.2.6;"
;;! dependency = "package wasi:clocks@0.2.6; interface wall-clock { record datetime { seconds: u64, nanoseconds: u32 } now: func() -> datetime; }"
;;! expect = "not loaded: contract"
(module
  (import "wasi:clocks/wall-clock@0.2.6" "now" (func $now (param i32)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $now (i32.const 1024))
    (i32.const 0)))
