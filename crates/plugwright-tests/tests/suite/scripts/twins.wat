(module
  (import "demo:twins/store@0.1.0" "[constructor]shelf" (func $shelf (result i32)))
  (import "demo:twins/store@0.1.0" "[method]shelf.get" (func $get (param i32) (result i32)))
  (import "demo:twins/disk@0.1.0" "put" (func $put (param i32)))
  (import "[export]demo:twins/store@0.1.0" "[resource-new]shelf"
    (func $new (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "demo:twins/store@0.1.0#[constructor]shelf") (result i32)
    (call $new (i32.const 7)))
  (func (export "demo:twins/store@0.1.0#[method]shelf.get") (param i32) (result i32)
    (local.get 0))
  (func (export "keep") (param i32) (result i32)
    (call $put (local.get 0))
    (i32.add (call $get (call $shelf)) (call $get (call $shelf)))))
