//! Stub.
use crate::check::SoundPlan;
use crate::output::OutputTree;
use crate::targets::Target;

/// Stub.
pub struct Snowflake;

impl Target for Snowflake {
    fn name(&self) -> &'static str {
        "Snowflake"
    }
    fn emit(&self, _: &SoundPlan<'_>, _: &mut OutputTree) {}
}
