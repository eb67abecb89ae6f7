;;! does = "has a function of more than a megabyte, which takes much memory to compile"
;;! expect = "not loaded: compile"
(module
  (func $long
    (drop (i64.const 9223372036854775807)) ;; times 100000
  )
)
