(module
  (import "[export]hostile:destructor/things@1.0.0" "[resource-new]thing" (func $new (param i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "hostile:destructor/things@1.0.0#[constructor]thing") (result i32) (call $new (i32.const 1)))
  (func (export "hostile:destructor/things@1.0.0#[dtor]thing") (param i32) (loop $again (br $again)))
  (func (export "hostile:destructor/things@1.0.0#answer") (result i32) (i32.const 42))
)
