;; A plugin of the world `prettify` that does harm by request: how much of it is the number of words.
(module
  (import "plugwright:plugin/host@0.1.0" "log" (func $log (param i32 i32 i32 i32 i32)))
  (import "plugwright:plugin/host@0.1.0" "[constructor]map-resource"
    (func $map (param i32 i32) (result i32)))
  (memory (export "memory") 17)
  (table $table 1 funcref)
  ;; Whatever comes in is at 1024, over what came before.
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 1024))
  (func (export "plugwright:plugin/words@0.1.0#[constructor]person-resource")
    (param i32 i32 i32 i32) (result i32)
    unreachable)
  (func (export "plugwright:plugin/words@0.1.0#[method]person-resource.replica")
    (param i32) (result i32)
    unreachable)
  (func (export "plugwright:plugin/words@0.1.0#greet") (param i32) (result i32)
    unreachable)

  (func $deep (param i32) (result i32)
    (i32.add (call $deep (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))

  (func (export "plugwright:plugin/words@0.1.0#prettify")
    (param $words i32) (param $count i32) (result i32)
    (block $none
      (block $computes
        (block $memory
          (block $tables
            (block $stack
              (block $handles
                (block $lines
                  (block $bytes
                    (block $transfer
                      (block $output
                        (br_table $none $computes $memory $tables $stack $handles $lines $bytes
                          $transfer $output (local.get $count)))
                      ;; 9: a result of one MiB.
                      (i32.store (i32.const 68) (i32.const 1024))
                      (i32.store (i32.const 72) (i32.const 0x100000))
                      (i32.store (i32.const 64) (i32.const 0))
                      (return (i32.const 64)))
                    ;; 8: maps in the host of 1 MiB each, without end.
                    (i32.store (i32.const 1024) (i32.const 2048))
                    (i32.store (i32.const 1028) (i32.const 0x100000))
                    (i32.store (i32.const 1032) (i32.const 0))
                    (i32.store (i32.const 1036) (i32.const 0))
                    (loop $again
                      (drop (call $map (i32.const 1024) (i32.const 1)))
                      (br $again)))
                  ;; 7: log lines of 1 KiB without end.
                  (loop $again
                    (call $log (i32.const 2) (i32.const 2048) (i32.const 1024) (i32.const 0) (i32.const 0))
                    (br $again)))
                ;; 6: empty log lines without end.
                (loop $again
                  (call $log (i32.const 2) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
                  (br $again)))
              ;; 5: handles without end.
              (loop $again
                (drop (call $map (i32.const 0) (i32.const 0)))
                (br $again)))
            ;; 4: calls without end.
            (drop (call $deep (i32.const 0)))
            unreachable)
          ;; 3: elements of a table without end.
          (loop $again
            (drop (table.grow $table (ref.null func) (i32.const 1000)))
            (br $again)))
        ;; 2: memory without end, a MiB at a time.
        (loop $again
          (drop (memory.grow (i32.const 16)))
          (br $again)))
      ;; 1: computes without end.
      (loop $again (br $again)))
    ;; 0: an empty text.
    (i32.store (i32.const 64) (i32.const 0))
    (i32.store (i32.const 68) (i32.const 0))
    (i32.store (i32.const 72) (i32.const 0))
    (i32.const 64)))
