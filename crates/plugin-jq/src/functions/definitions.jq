def toarray: if isarray then . else [.] end;
def ascii: [.] | implode;

# A row each, as jq writes them.
def row(f):
  if isarray then .
  else error("only an array can be made a row") end
  | map(
      if isarray or isobject then error("an array or object cannot be in a row")
      elif . == null then ""
      elif isstring then f
      else tojson end);
def @csv: row("\"" + (split("\"") | join("\"\"")) + "\"") | join(",");
def @tsv:
  def replace($from; $to): split($from) | join($to);
  row(replace("\\"; "\\\\") | replace("\t"; "\\t") | replace("\n"; "\\n") | replace("\r"; "\\r"))
  | join("\t");
