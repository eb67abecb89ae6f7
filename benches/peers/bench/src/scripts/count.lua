return function(body)
  local _, lines = body:gsub("\n", "")
  if body ~= "" and body:sub(-1) ~= "\n" then
    lines = lines + 1
  end
  local _, words = body:gsub("%S+", "")
  local counts = '{"lines":%d,"words":%d,"characters":%d,"bytes":%d}\n'
  return counts:format(lines, words, utf8.len(body), #body)
end
