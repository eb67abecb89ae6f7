;;! does = "traps when it cleans up after its answer"
;;! expect = "trapped unreachable"
(module
  (func (export "cabi_post_plugwright:plugin/words@0.2.0#prettify") (param i32)
    unreachable))
