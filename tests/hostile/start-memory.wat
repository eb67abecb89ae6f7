;;! does = "starts with 4 GiB of memory"
;;! expect = "not loaded: start"
(module
  (memory (export "memory") 65536))
