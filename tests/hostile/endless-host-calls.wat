;;! does = "calls the host without end"
;;! limits = ["deadline=50ms"]
;;! answers = ["import host.map-resource.length(_) = 0"]
;;! call-limits = ["deadline=50ms"]
;;! expect = "exceeded deadline"
(module
  (import "plugwright:plugin/host@0.2.0" "[constructor]map-resource"
    (func $map (param i32 i32) (result i32)))
  (import "plugwright:plugin/host@0.2.0" "[method]map-resource.length"
    (func $length (param i32) (result i32)))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (local $map i32)
    (local.set $map (call $map (i32.const 0) (i32.const 0)))
    (loop $again
      (drop (call $length (local.get $map)))
      (br $again))
    unreachable))
