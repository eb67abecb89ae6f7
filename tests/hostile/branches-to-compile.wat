;;! does = "has branches to 60 000 places with 1000 values each, which would take minutes to compile"
;;! expect = "not loaded: structure"
(module
  (func $branches (param i32)
    (block
      (result i64) ;; times 1000
      (i64.const {n}) ;; times 1000
      (br_table
        0 ;; times 60000
        (local.get 0)
      )
    )
    (drop) ;; times 1000
  )
)
