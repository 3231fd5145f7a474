//! Writers of a sound plan: one file or folder a target. None of them decides anything.

use crate::check::SoundPlan;
use crate::output::OutputTree;

/// Something that writes files of a plan.
pub trait Target: Sync {
    /// Its name, for people.
    fn name(&self) -> &'static str;
    /// Writes its files. Never fails: what could go wrong was found before.
    fn emit(&self, plan: &SoundPlan, out: &mut OutputTree);
}

/// All targets, in the order they write.
pub static ALL: &[&dyn Target] = &[];

/// The files of a sound plan.
#[must_use]
pub fn emit(plan: &SoundPlan) -> OutputTree {
    let mut out = OutputTree::default();
    for target in ALL {
        target.emit(plan, &mut out);
    }
    out
}
