;;! does = "returns a document with 400 000 empty attributes"
;;! world = "transformer"
;;! limits = ["transfer=16MiB"]
;;! expect = "exceeded transfer"
(module
  (memory (export "memory") 110)
  ;; A document consists of three texts or lists, followed by its attributes.
  (func (export "plugwright:plugin/transform@0.2.0#transform")
    (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.store (i32.const 92) (i32.const 1024))
    (i32.store (i32.const 96) (i32.const 400000))
    (i32.const 64)))
