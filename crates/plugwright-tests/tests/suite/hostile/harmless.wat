;; The harmless parts that complete a core module for its world. Parts that the module already has are left
;; out.

;; of prettify, transformer, streamer:
(memory (export "memory") 17)

;; of prettify, transformer, streamer:
;; Every argument is written to 1024, over the previous one.
(func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32)
  (i32.const 1024))

;; of prettify:
(func (export "plugwright:plugin/words@0.2.0#[constructor]person-resource")
  (param i32 i32 i32 i32) (result i32)
  (call $new-person (i32.const 0)))

;; of prettify:
;; At 0 there are zeros: `ok`, empty texts and empty lists.
(func (export "plugwright:plugin/words@0.2.0#[method]person-resource.replica")
  (param i32) (result i32)
  (i32.const 0))

;; of prettify:
(func (export "plugwright:plugin/words@0.2.0#greet") (param i32) (result i32)
  (i32.const 0))

;; of prettify:
(func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
  (i32.const 0))

;; of transformer, streamer:
(func (export "plugwright:plugin/transform@0.2.0#describe") (result i32)
  (i32.const 0))

;; of transformer, streamer:
(func (export "plugwright:plugin/transform@0.2.0#transform")
  (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
  (i32.const 0))

;; of streamer:
;; A result is at 8: 0 for `ok`. The session is at 12.
(func (export "plugwright:plugin/sessions@0.2.0#[static]transform-session.open")
  (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
  (i32.store (i32.const 12) (call $new-session (i32.const 0)))
  (i32.const 8))

;; of streamer:
(func (export "plugwright:plugin/sessions@0.2.0#[method]transform-session.head")
  (param i32) (result i32)
  (i32.const 128))

;; of streamer:
(func (export "plugwright:plugin/sessions@0.2.0#[method]transform-session.push")
  (param i32 i32 i32) (result i32)
  (i32.const 128))

;; of streamer:
(func (export "plugwright:plugin/sessions@0.2.0#[static]transform-session.finish")
  (param i32) (result i32)
  (i32.const 128))

;; of prettify:
(import "[export]plugwright:plugin/words@0.2.0" "[resource-new]person-resource"
  (func $new-person (param i32) (result i32)))

;; of streamer:
(import "[export]plugwright:plugin/sessions@0.2.0" "[resource-new]transform-session"
  (func $new-session (param i32) (result i32)))
