;;! does = "cleans up after its answer without end"
;;! limits = ["deadline=50ms"]
;;! expect = "exceeded deadline"
(module
  (func (export "cabi_post_plugwright:plugin/words@0.2.0#prettify") (param i32)
    (loop $again (br $again))))
