;;! does = "returns a document name that is too long in a session"
;;! world = "streamer"
;;! limits = ["output=1MiB"]
;;! expect = "exceeded output"
(module
  (memory (export "memory") 20)
  (func (export "plugwright:plugin/sessions@0.2.0#[method]transform-session.head")
    (param i32) (result i32)
    (i32.store (i32.const 128) (i32.const 1024))
    (i32.store (i32.const 132) (i32.const 0x110000))
    (i32.const 128)))
