;;! does = "traps in a session, and is called again"
;;! world = "streamer"
;;! text = "text"
;;! expect = "trapped unreachable"
(module
  (func (export "plugwright:plugin/sessions@0.2.0#[method]transform-session.push")
    (param i32 i32 i32) (result i32)
    unreachable))
