;;! does = "has the host keep short pairs, each of which takes far more memory in the host than in the plugin"
;;! limits = ["transfer=4MiB"]
;;! call-limits = ["deadline=200ms"]
;;! expect = "exceeded transfer"
(module
  (import "plugwright:plugin/host@0.2.0" "[constructor]map-resource"
    (func $map (param i32 i32) (result i32)))
  (memory (export "memory") 22)
  ;; 20 000 pairs, starting at 1 MiB. Each has a distinct key of 3 bytes and an empty value.
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (local $pair i32) (local $number i32)
    (local.set $pair (i32.const 0x100000))
    (loop $pairs
      (i32.store
        (i32.add (i32.const 0x1000) (i32.mul (local.get $number) (i32.const 3)))
        (i32.add (i32.const 0x202020)
          (i32.or
            (i32.and (local.get $number) (i32.const 0x3f))
            (i32.or
              (i32.shl (i32.and (local.get $number) (i32.const 0xfc0)) (i32.const 2))
              (i32.shl (i32.and (local.get $number) (i32.const 0x3f000)) (i32.const 4))))))
      (i32.store (local.get $pair)
        (i32.add (i32.const 0x1000) (i32.mul (local.get $number) (i32.const 3))))
      (i32.store offset=4 (local.get $pair) (i32.const 3))
      (local.set $pair (i32.add (local.get $pair) (i32.const 16)))
      (local.set $number (i32.add (local.get $number) (i32.const 1)))
      (br_if $pairs (i32.lt_u (local.get $number) (i32.const 20000))))
    ;; Each round passes 60 KB of text.
    (local.set $number (i32.const 20))
    (loop $maps
      (drop (call $map (i32.const 0x100000) (i32.const 20000)))
      (local.set $number (i32.sub (local.get $number) (i32.const 1)))
      (br_if $maps (local.get $number)))
    (i32.const 0)))
