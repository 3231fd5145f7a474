-- Applies one change to a row, unless what is there is as new or newer.
-- KEYS[1] the body, KEYS[2] its version; both in one hash slot.
-- ARGV[1] 'put' or 'del', ARGV[2] the change's version in 20 digits, ARGV[3] the body,
-- ARGV[4] how long the version of a deleted row is kept, ARGV[5] how long a body lives, 0 for ever; both in ms.
local seen = redis.call('GET', KEYS[2])
if seen == ARGV[2] then return 'duplicate' end
-- digits of one length: as text they order as the numbers do, which Lua's doubles could not hold
if seen and ARGV[2] < seen then return 'stale' end
if ARGV[1] == 'del' then
  redis.call('DEL', KEYS[1])
  -- the version stays, or a late delivery would bring the row back
  redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[4])
  return 'deleted'
end
if ARGV[5] == '0' then
  redis.call('SET', KEYS[1], ARGV[3])
  redis.call('SET', KEYS[2], ARGV[2])
else
  redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[5])
  -- an expired body must not come back either: its version lives as long as the longer of both
  local life = ARGV[5]
  if tonumber(ARGV[4]) > tonumber(life) then life = ARGV[4] end
  redis.call('SET', KEYS[2], ARGV[2], 'PX', life)
end
return 'applied'
