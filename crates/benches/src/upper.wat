;; A transformer that makes small letters of ASCII large ones, sixteen at once, as a compiler has it with
;; `-C target-feature=+simd128`.
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
    (local $at i32)
    (local $end i32)
    (local $bytes v128)
    (local.set $at (local.get $body))
    (local.set $end (i32.add (local.get $body) (local.get $body-length)))
    (block $done
      (loop $again
        (br_if $done (i32.lt_u (i32.sub (local.get $end) (local.get $at)) (i32.const 16)))
        (local.set $bytes (v128.load align=1 (local.get $at)))
        (v128.store align=1 (local.get $at)
          (i8x16.sub
            (local.get $bytes)
            (v128.and
              (v128.const i8x16 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32 32)
              (v128.and
                (i8x16.ge_u (local.get $bytes)
                  (v128.const i8x16 97 97 97 97 97 97 97 97 97 97 97 97 97 97 97 97))
                (i8x16.le_u (local.get $bytes)
                  (v128.const i8x16 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122 122))))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $again)))
    ;; One by one, those that are left.
    (block $done
      (loop $again
        (br_if $done (i32.eq (local.get $at) (local.get $end)))
        (if (i32.lt_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 97)) (i32.const 26))
          (then
            (i32.store8 (local.get $at) (i32.sub (i32.load8_u (local.get $at)) (i32.const 32)))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $again)))
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
