-- KEYS: body. ARGV: stamp, seen, ids, bytes, milliseconds to live.
redis.call('HSET', KEYS[1], 'stamp', ARGV[1], 'seen', ARGV[2], 'ids', ARGV[3], 'bytes', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
