//! The rules of the analysis by name, so that a test can take each away and see what goes wrong without it.

/// A rule of transfer or acceptance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "each is the name of the place where it is asked for")]
pub enum Rule {
    Union,
    RouteByValue,
    RouteByNothing,
    Grows,
    Window,
    TooShort,
    Compacted,
    CompactedOrder,
    Tombstones,
    Retry,
    RetryNewId,
    SnapshotAgain,
    PollDeletes,
    PollSkips,
    CaptureCrash,
    CaptureInFlight,
    JobCrash,
    SplitNewId,
    FilterDeletes,
    RekeyDeletes,
    CountRepeats,
    CountLoss,
    CountPosition,
    CountOrder,
    MarkedApart,
    JoinPosition,
    Distinct,
    SharedId,
    StateNeedsOrder,
    SinkInFlight,
    SinkCrash,
    Zombies,
    SinkDeletes,
    DirectWrite,
    LosesNothing,
    AppendOnce,
    UpsertOrder,
    UpsertStray,
    Deletes,
    OffsetOrder,
    OffsetForgivesStore,
    CommitPosition,
    CommitForgivesOrder,
    Forgets,
    CounterDeletes,
    DedupTogether,
    DedupForgets,
    DedupApart,
    StoredInOrder,
    StoredFences,
    Rebuilt,
    CausalOrder,
    CausalWaits,
}

impl Rule {
    /// All.
    pub const ALL: &[Self] = &[
        Self::Union,
        Self::RouteByValue,
        Self::RouteByNothing,
        Self::Grows,
        Self::Window,
        Self::TooShort,
        Self::Compacted,
        Self::CompactedOrder,
        Self::Tombstones,
        Self::Retry,
        Self::RetryNewId,
        Self::SnapshotAgain,
        Self::PollDeletes,
        Self::PollSkips,
        Self::CaptureCrash,
        Self::CaptureInFlight,
        Self::JobCrash,
        Self::SplitNewId,
        Self::FilterDeletes,
        Self::RekeyDeletes,
        Self::CountRepeats,
        Self::CountLoss,
        Self::CountPosition,
        Self::CountOrder,
        Self::MarkedApart,
        Self::JoinPosition,
        Self::Distinct,
        Self::SharedId,
        Self::StateNeedsOrder,
        Self::SinkInFlight,
        Self::SinkCrash,
        Self::Zombies,
        Self::SinkDeletes,
        Self::DirectWrite,
        Self::LosesNothing,
        Self::AppendOnce,
        Self::UpsertOrder,
        Self::UpsertStray,
        Self::Deletes,
        Self::OffsetOrder,
        Self::OffsetForgivesStore,
        Self::CommitPosition,
        Self::CommitForgivesOrder,
        Self::Forgets,
        Self::CounterDeletes,
        Self::DedupTogether,
        Self::DedupForgets,
        Self::DedupApart,
        Self::StoredInOrder,
        Self::StoredFences,
        Self::Rebuilt,
        Self::CausalOrder,
        Self::CausalWaits,
    ];
}

/// The rules that are asked: all, or all but one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// What is left out.
    pub without: Option<Rule>,
}

impl Rules {
    /// Whether a rule is asked.
    #[must_use]
    pub fn has(self, rule: Rule) -> bool {
        self.without != Some(rule)
    }
}
