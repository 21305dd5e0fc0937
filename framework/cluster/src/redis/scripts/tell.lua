-- KEYS: state. ARGV: channel, news, number of topics, topics..., slots...
local topics = tonumber(ARGV[3])
local function mark()
  for i = 4, 3 + topics do
    redis.call('HINCRBY', KEYS[1], 't:' .. ARGV[i], 1)
  end
  if #ARGV > 3 + topics then
    local seq = redis.call('HINCRBY', KEYS[1], 'seq', 1)
    for i = 4 + topics, #ARGV do
      redis.call('HSET', KEYS[1], 's:' .. ARGV[i], seq)
    end
  end
end
-- Out of memory: forgetting the epoch needs none, and spoils every shared body.
if not pcall(mark) then
  redis.call('DEL', KEYS[1])
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
