;; A plugin of the world `worker`.
(module
  (import "$root" "ask" (func $ask))
  (memory (export "memory") 1)
  (global $calls (mut i32) (i32.const 0))
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))
  (func (export "count") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (global.get $calls))
  ;; A result is at 64: 0 for `ok`. Its value is at 68.
  (func (export "small") (param $number i32) (result i32)
    (i32.store8 (i32.const 64) (i32.gt_u (local.get $number) (i32.const 9)))
    (i32.store (i32.const 68) (local.get $number))
    (i32.const 64))
  ;; The text consists of zero bytes.
  (func (export "give") (param $length i32) (result i32)
    (i32.store (i32.const 64) (i32.const 1024))
    (i32.store (i32.const 68) (local.get $length))
    (i32.const 64))
  (func (export "take") (param $pages i32) (result i32)
    (i32.ge_s (memory.grow (local.get $pages)) (i32.const 0)))
  (func (export "ask-host") (call $ask))
  (func (export "spin") (loop $again (br $again)))
  (func (export "fail") unreachable))
