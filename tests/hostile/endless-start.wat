;;! does = "never ends to start"
;;! limits = ["deadline=50ms"]
;;! expect = "not loaded: start"
(module
  (func $start (loop $again (br $again)))
  (start $start))
