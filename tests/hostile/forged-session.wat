;;! does = "returns a handle to a session that it never made"
;;! world = "streamer"
;;! expect = "trapped host"
(module
  (data (i32.const 68) "\39\30\00\00")
  (func (export "plugwright:plugin/sessions@0.2.0#[static]transform-session.open")
    (param i32 i32 i32 i32 i32 i32 i32 i32) (result i32)
    (i32.const 64)))
