;;! does = "takes elements of a table without end"
;;! expect = "exceeded table-elements"
(module
  (table $table 1 funcref)
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (loop $again
      (drop (table.grow $table (ref.null func) (i32.const 1000)))
      (br $again))
    unreachable))
