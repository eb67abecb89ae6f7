;; A transformer that gives its document back as it is, from where it came in. By request, which is the
;; body's first byte, it does harm: `t` makes it trap, `m` takes memory without end, and `c` computes
;; without end.
(module
  (memory (export "memory") 17)
  ;; Where what comes in next goes, over what the last call left.
  (global $free (mut i32) (i32.const 1024))
  (func (export "cabi_realloc") (param i32 i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local $missing i32)
    (local.set $at
      (i32.and
        (i32.sub (i32.add (global.get $free) (local.get $align)) (i32.const 1))
        (i32.sub (i32.const 0) (local.get $align))))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    ;; In pages, rounded up.
    (local.set $missing
      (i32.sub
        (i32.shr_u (i32.add (global.get $free) (i32.const 0xffff)) (i32.const 16))
        (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (drop (memory.grow (local.get $missing)))))
    (local.get $at))

  (func (export "plugwright:plugin/transform@0.2.0#describe") (result i32)
    unreachable)
  (func (export "plugwright:plugin/transform@0.2.0#transform")
    (param $name i32) (param $name-length i32)
    (param $type i32) (param $type-length i32)
    (param $body i32) (param $body-length i32)
    (param $attributes i32) (param $attributes-length i32)
    (param i32 i32)
    (result i32)
    (local $first i32)
    (if (local.get $body-length)
      (then (local.set $first (i32.load8_u (local.get $body)))))
    (if (i32.eq (local.get $first) (i32.const 0x74))
      (then unreachable))
    (if (i32.eq (local.get $first) (i32.const 0x6d))
      (then (loop $again (drop (memory.grow (i32.const 16))) (br $again))))
    (if (i32.eq (local.get $first) (i32.const 0x63))
      (then (loop $again (br $again))))
    ;; The result is at 64: 0 for `ok`, and from 68 on the document.
    (i32.store (i32.const 68) (local.get $name))
    (i32.store (i32.const 72) (local.get $name-length))
    (i32.store (i32.const 76) (local.get $type))
    (i32.store (i32.const 80) (local.get $type-length))
    (i32.store (i32.const 84) (local.get $body))
    (i32.store (i32.const 88) (local.get $body-length))
    (i32.store (i32.const 92) (local.get $attributes))
    (i32.store (i32.const 96) (local.get $attributes-length))
    (i32.const 64))
  (func (export "cabi_post_plugwright:plugin/transform@0.2.0#transform") (param i32)
    (global.set $free (i32.const 1024))))
