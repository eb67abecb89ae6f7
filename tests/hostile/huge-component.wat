;;! does = "is larger than a component may be"
;;! limits = ["component-size=64KiB"]
;;! expect = "not loaded: exceeded"
(module
  (data "0123456789012345678901234567890123456789012345678901234567890123456789") ;; times 1000
)
