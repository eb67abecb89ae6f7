;;! does = "never finishes starting"
;;! limits = ["deadline=500ms"]
;;! expect = "not loaded: start"
(module
  (func $start (loop $again (br $again)))
  (start $start))
