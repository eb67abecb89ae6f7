;;! does = "computes without end"
;;! limits = ["deadline=50ms"]
;;! expect = "exceeded deadline"
(module
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (loop $again (br $again))
    unreachable))
