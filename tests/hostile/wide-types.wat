;;! does = "has a type of two of a type of two of a type, 60 times over"
;;! expect = "not loaded: damaged"
(component
  (type $type0 u8)
  (type $type{n+1} (tuple $type{n} $type{n})) ;; times 60
  (import "wide" (func (param "value" $type60))))
