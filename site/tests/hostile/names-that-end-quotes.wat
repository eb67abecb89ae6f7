(component
  (core module $a
    (func (export "x'] , globalThis.PWN1=1, ['y") (result i32) i32.const 1)
    (func (export "a`b\\c\"d'e") (result i32) i32.const 1))
  (core module $m
    (import "mod'] , globalThis.PWN2=1, ['q" "fn'] , globalThis.PWN3=1, ['z" (func (result i32)))
    (func (export "run'] , globalThis.PWN4=1, ['r") (result i32) i32.const 7)
    (memory (export "mem'] , globalThis.PWN5=1, ['r") 1))
  (core instance $ia (instantiate $a))
  (core instance $mid (export "fn'] , globalThis.PWN3=1, ['z" (func $ia "x'] , globalThis.PWN1=1, ['y")))
  (core instance $im (instantiate $m (with "mod'] , globalThis.PWN2=1, ['q" (instance $mid))))
  (func (export "go") (result u32) (canon lift (core func $im "run'] , globalThis.PWN4=1, ['r")))
)
