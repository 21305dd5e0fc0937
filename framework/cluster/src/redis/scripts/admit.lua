-- GCRA. KEYS: caller. ARGV: requests per second, burst. Answers microseconds to wait; 0 means allowed.
-- The clock is the server's: instances may disagree about the time.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local step = 1000000 / tonumber(ARGV[1])
local free = tonumber(redis.call('GET', KEYS[1]) or now)
local after = math.max(free, now) + step
local wait = after - now - step * tonumber(ARGV[2])
if wait > 0 then
  return math.ceil(wait)
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
return 0
