;;! does = "has a type of ten thousand nested lists"
;;! expect = "not loaded: damaged"
(component
  (type $type0 u8)
  (type $type{n+1} (list $type{n})) ;; times 10000
  (import "deep" (func (param "value" $type10000))))
