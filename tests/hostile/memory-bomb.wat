;;! does = "takes memory without end, and writes to all of it"
;;! limits = ["memory=32MiB"]
;;! expect = "exceeded memory"
(module
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (local $pages i32)
    (loop $again
      (local.set $pages (memory.grow (i32.const 16)))
      (memory.fill
        (i32.shl (local.get $pages) (i32.const 16)) (i32.const 1) (i32.const 0x100000))
      (br $again))
    unreachable))
