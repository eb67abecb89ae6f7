def null: [][0];
def empty: [][] as $none | .;
def true: 0 == 0;
def false: 0 != 0;
def not: if . then false else true end;
def select(f): if f then . else empty end;
def error: error_empty as $none | .;
def error(message): message | error;
def halt: halt(0);
def halt_error($code): (stderr | empty), halt($code);
def halt_error: halt_error(5);

# Generators.
def range($from; $to): range($from; $to; 1);
def range($to): range(0; $to);
def repeat(f): def rec: f, rec; rec;
def recurse: ..;
def recurse(f): def rec: ., (f | rec); rec;
def recurse(f; condition): recurse(f | select(condition));
def while(condition; update): def rec: if condition then ., (update | rec) else empty end; rec;
def until(condition; update): def rec: if condition then . else update | rec end; rec;
def limit($n; f): if $n >= 0 then _limit($n; f) else error("limit doesn't support negative count") end;
def skip($n; f): if $n >= 0 then _skip($n; f) else error("skip doesn't support negative count") end;
def nth($n; f):
  if $n < 0 then error("nth doesn't support negative indices") else first(skip($n; f)) end;
def isempty(f): first((f | false), true);
def all(f; condition): isempty(f | condition and empty);
def any(f; condition): isempty(f | condition or empty) | not;
def all(condition): all(.[]; condition);
def any(condition): any(.[]; condition);
def all: all(.[]; .);
def any: any(.[]; .);
def add(f): reduce f as $x (null; . + $x);
def add: add(.[]);
def IN(s): any(s == .; .);
def IN(source; s): any(source == s; .);
def in(xs): . as $key | xs | has($key);
def inside(xs): . as $part | xs | contains($part);
def combinations:
  if length == 0 then [] else .[0][] as $first | .[1:] | combinations as $rest | [$first] + $rest end;
def combinations(n): . as $all | [range(n) | $all] | combinations;
def debug(messages): (messages | debug | empty), .;

# What values are selected.
def values: select(. != null);
def nulls: select(. == null);
def booleans: select(type == "boolean");
def numbers: select(type == "number");
def strings: select(type == "string");
def arrays: select(type == "array");
def objects: select(type == "object");
def iterables: select(type | . == "array" or . == "object");
def scalars: select(type | . != "array" and . != "object");
def finites: select(isfinite);
def normals: select(isnormal);

# Paths.
def first: .[0];
def last: .[-1];
def nth($n): .[$n];
def map(f): [.[] | f];
def map_values(f): .[] |= f;
def paths: path(..) | select(length > 0);
def paths(f): path(.. | select(f)) | select(length > 0);
def leaf_paths: paths(scalars);
def del(f): delpaths([path(f)]);
def pick(f): . as $all | reduce path(f) as $path (null; setpath($path; $all | getpath($path)));
def to_entries: [keys_unsorted[] as $key | {$key, value: .[$key]}];
def from_entries:
  reduce .[] as $entry ({};
    . + ($entry | {(.key // .Key // .name // .Name): (if has("value") then .value else .Value end)}));
def with_entries(f): to_entries | map(f) | from_entries;
def fromstream(f):
  foreach f as $event ({value: null, done: false};
    if .done then {value: null, done: false} else . end
    | if $event | length == 2
      then .done = ($event[0] | length == 0) | .value |= setpath($event[0]; $event[1])
      else .done = ($event[0] | length == 1) end;
    if .done then .value else empty end);
def truncate_stream(f):
  . as $depth | null | f | if .[0] | length > $depth then .[0] |= .[$depth:] else empty end;

# Arrays.
def sort_by(f): _sort_by(map([f]));
def group_by(f): _group_by(map([f]));
def unique_by(f): _unique_by(map([f]));
def min_by(f): _min_by(map([f]));
def max_by(f): _max_by(map([f]));
def flatten: flatten(1e9);
def transpose: [range(0; map(length) | max // 0) as $i | [.[][$i]]];
def index($part): indices($part) | .[0];
def rindex($part): indices($part) | .[-1:][0];

# Indices of rows, as in SQL.
def INDEX(rows; f): reduce rows as $row ({}; .[$row | f | tostring] = $row);
def INDEX(f): INDEX(.[]; f);
def JOIN($index; f): [.[] | [., $index[f]]];
def JOIN($index; rows; f): rows | [., $index[f]];
def JOIN($index; rows; f; joined): rows | [., $index[f]] | joined;

# Regular expressions. Their flags can be beside them in an array.
def _flagged($re):
  ($re | type) as $type
  | if $type == "string" then [$re, null]
    elif $type == "array" and ($re | length) > 0 then [$re[0], $re[1]]
    else error($type + " not a string or array") end;
def match($re; $flags): _match($re; $flags; false)[];
def match($re): _flagged($re) as [$re, $flags] | match($re; $flags);
def test($re; $flags): _match($re; $flags; true);
def test($re): _flagged($re) as [$re, $flags] | test($re; $flags);
def _named: reduce (.captures[] | select(.name != null)) as $group ({}; .[$group.name] = $group.string);
def capture($re; $flags): match($re; $flags) | _named;
def capture($re): _flagged($re) as [$re, $flags] | capture($re; $flags);
def scan($re; $flags):
  match($re; "g" + $flags) | if .captures == [] then .string else [.captures[].string] end;
def scan($re): scan($re; null);
def splits($re; $flags):
  . as $all
  | foreach (match($re; $flags + "g"), null) as $match ({next: 0};
      {from: .next, to: $match.offset, next: ($match | .offset + .length)}; $all[.from:.to]);
def splits($re): splits($re; null);
def split($re; $flags): [splits($re; $flags)];
def sub($re; f; $flags):
  . as $all
  | (reduce match($re; $flags) as $match ({texts: [], from: 0};
        $all[.from:$match.offset] as $gap
        | [$match | _named | f] as $new
        | reduce range($new | length) as $i (.; .texts[$i] += $gap + $new[$i])
        | .from = ($match | .offset + .length))
      | .texts[] + $all[.from:])
    // $all;
def sub($re; f): sub($re; f; "");
def gsub($re; f; $flags): sub($re; f; $flags + "g");
def gsub($re; f): sub($re; f; "g");

# Times.
def todateiso8601: strftime("%Y-%m-%dT%H:%M:%SZ");
def todate: todateiso8601;
def fromdate: fromdateiso8601;

def toarray: if type == "array" then . else [.] end;
def ascii: [.] | implode;
def @text: tostring;
def @json: tojson;
