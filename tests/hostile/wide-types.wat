;;! does = "doubles a type 60 times"
;;! expect = "not loaded: damaged"
(component
  (type $type0 u8)
  (type $type{n+1} (tuple $type{n} $type{n})) ;; times 60
  (import "wide" (func (param "value" $type60))))
