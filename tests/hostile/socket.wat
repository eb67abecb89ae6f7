;;! does = "opens a socket"
;;! wit = "import wasi:sockets/tcp@0.2.6;"
;;! dependency = "package wasi:sockets@0.2.6; interface tcp { connect: func(); }"
;;! expect = "not loaded: contract"
(module
  (import "wasi:sockets/tcp@0.2.6" "connect" (func $connect))
  (func (export "plugwright:plugin/words@0.2.0#prettify") (param i32 i32) (result i32)
    (call $connect)
    (i32.const 0)))
