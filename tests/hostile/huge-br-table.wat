;;! does = "has a branch to one of 200 000 places, which is more than the compiler takes"
;;! expect = "not loaded: compile"
(module
  (func $branches (param i32)
    (block
      (br_table
        0 ;; times 200000
        (local.get 0)
      )
    )
  )
)
