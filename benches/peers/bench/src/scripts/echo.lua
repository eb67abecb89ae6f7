return function(body)
  return body
end
