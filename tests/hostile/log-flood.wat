;;! does = "logs empty lines without end"
;;! limits = ["log-lines=100"]
;;! call-limits = ["deadline=200ms"]
;;! expect = "exceeded log-lines"
(module
  (import "plugwright:plugin/host@0.2.0" "log" (func $log (param i32 i32 i32 i32 i32)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (loop $again
      (call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
      (br $again))
    unreachable))
