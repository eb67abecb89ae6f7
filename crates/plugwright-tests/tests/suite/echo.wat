;; A streamer that returns each piece unchanged. It traps at a piece that begins with `t`, and refuses one
;; that begins with `r`.
(module
  (import "[export]plugwright:plugin/sessions@0.2.0" "[resource-new]transform-session"
    (func $new (param i32) (result i32)))
  (memory (export "memory") 17)
  (data (i32.const 32) "it begins with `r`")
  ;; Every argument is written to 1024, over the previous one. A piece is at most 1 MiB long.
  (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
    (i32.const 1024))
  ;; At 128 there are zeros: an empty description.
  (func (export "plugwright:plugin/transform@0.2.0#describe") (result i32)
    (i32.const 128))
  (func (export "plugwright:plugin/transform@0.2.0#transform")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    unreachable)

  ;; A result is at 64: 0 for `ok`. Its value is at 68.
  (func (export "plugwright:plugin/sessions@0.2.0#[static]transform-session.open")
    (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.store8 (i32.const 64) (i32.const 0))
    (i32.store (i32.const 68) (call $new (i32.const 0)))
    (i32.const 64))
  ;; At 0 there are zeros: empty texts, empty lists, and `ok`.
  (func (export "plugwright:plugin/sessions@0.2.0#[method]transform-session.head")
    (param i32) (result i32)
    (i32.const 0))
  (func (export "plugwright:plugin/sessions@0.2.0#[static]transform-session.finish")
    (param i32) (result i32)
    (i32.const 0))
  (func (export "plugwright:plugin/sessions@0.2.0#[method]transform-session.push")
    (param $session i32) (param $piece i32) (param $length i32) (result i32)
    (if (i32.eq (i32.load8_u (local.get $piece)) (i32.const 0x74))
      (then unreachable))
    (if (i32.eq (i32.load8_u (local.get $piece)) (i32.const 0x72))
      (then
        ;; `internal`, the fourth case of the failure.
        (i32.store8 (i32.const 64) (i32.const 1))
        (i32.store8 (i32.const 68) (i32.const 3))
        (i32.store (i32.const 72) (i32.const 32))
        (i32.store (i32.const 76) (i32.const 18))
        (return (i32.const 64))))
    (i32.store8 (i32.const 64) (i32.const 0))
    (i32.store (i32.const 68) (local.get $piece))
    (i32.store (i32.const 72) (local.get $length))
    (i32.const 64)))
