;;! does = "shares a memory between threads, and waits in it"
;;! expect = "not loaded: compile"
(module
  (memory $shared 1 1 shared)
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (memory.atomic.wait32 $shared (i32.const 0) (i32.const 0) (i64.const -1))))
