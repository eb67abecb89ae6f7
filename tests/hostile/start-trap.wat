;;! does = "traps when it starts"
;;! expect = "not loaded: start"
(module
  (func $start unreachable)
  (start $start))
