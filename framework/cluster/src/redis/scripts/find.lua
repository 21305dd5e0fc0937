-- KEYS: state, body. ARGV: topic, seed of a new epoch, number of slots.
-- Answers: stamp, seen, and the body (milliseconds left, ids, bytes) if it still holds.
local epoch = redis.call('HGET', KEYS[1], 'epoch')
if not epoch then
  local time = redis.call('TIME')
  epoch = ARGV[2] .. time[1] .. '.' .. time[2]
  redis.call('HSET', KEYS[1], 'epoch', epoch)
end
local stamp = epoch .. ':' .. (redis.call('HGET', KEYS[1], 't:' .. ARGV[1]) or '0')
local seen = redis.call('HGET', KEYS[1], 'seq') or '0'
local body = redis.call('HMGET', KEYS[2], 'stamp', 'seen', 'ids', 'bytes')
if body[1] ~= stamp then
  return {stamp, seen, false}
end
for id in string.gmatch(body[3], '[^,]+') do
  local mark = redis.call('HGET', KEYS[1], 's:' .. string.format('%d', tonumber(id) % tonumber(ARGV[3])))
  if mark and tonumber(mark) > tonumber(body[2]) then
    return {stamp, seen, false}
  end
end
return {stamp, seen, {redis.call('PTTL', KEYS[2]), body[3], body[4]}}
