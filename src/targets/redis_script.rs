//! The script that applies one change to Redis, and its copy for people.

use crate::check::SoundPlan;
use crate::output::OutputTree;
use crate::plan::{Address, Runner};

use super::Target;

/// Compares and sets. Positions are compared as text: Lua's numbers are doubles.
pub const APPLY: &str = r#"-- Applies one change to a row, unless what is there is as new or newer.
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
"#;

/// Writes `targets/<store>/apply.lua`.
pub struct RedisScript;

impl Target for RedisScript {
    fn name(&self) -> &'static str {
        "redis script"
    }

    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree) {
        for deployment in &plan.plan.deployments {
            let mut stores: Vec<&str> = deployment
                .sinks
                .iter()
                .filter(|sink| matches!((&sink.address, &sink.runner), (Address::Redis { .. }, Runner::Bento(_))))
                .map(|sink| sink.store_name.as_str())
                .collect();
            stores.sort_unstable();
            stores.dedup();
            for store in stores {
                let path = format!("{}/targets/{store}/apply.lua", deployment.name);
                out.add(path, APPLY, format!("views in {store}"));
            }
        }
    }
}
