;;! does = "never finishes dropping a resource"
;;! call = "greet"
;;! limits = ["deadline=50ms"]
;;! expect = "exceeded deadline"
(module
  (func (export "plugwright:plugin/words@0.2.0#[dtor]person-resource") (param i32)
    (loop $again (br $again))))
