;;! does = "has a function with twenty thousand loops, which takes long to compile"
;;! expect = "not loaded: compile"
(module
  (func $many
    (loop) ;; times 20000
  )
)
