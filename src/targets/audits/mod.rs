//! Stub.
use crate::check::SoundPlan;
use crate::output::OutputTree;
use crate::targets::Target;

/// Stub.
pub struct Audits;

impl Target for Audits {
    fn name(&self) -> &'static str {
        "Audits"
    }
    fn emit(&self, _: &SoundPlan<'_>, _: &mut OutputTree) {}
}
