//! A pipeline's shape, as data: what writes, what is captured, which topics there are, what reads them and what promises the store keeps.
//!
//! The static analysis (`flow`) and the explorer read this same form, so that neither judges another pipeline than the other. A shape holds no names: two
//! pipelines of one shape have one verdict. Names and places are beside it, in [`super::names`].

/// Index of a table, topic, store, …, in its list.
pub type Id = u8;

/// The whole shape.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topology {
    /// How many keys are in play; 1 where every component treats each key by itself.
    pub keys: u8,
    /// Applications.
    pub writers: Vec<Writer>,
    /// Tables of record with their write-ahead logs.
    pub tables: Vec<Table>,
    /// Captures of tables.
    pub captures: Vec<Capture>,
    /// Topics.
    pub topics: Vec<Topic>,
    /// What reads topics and writes topics.
    pub jobs: Vec<Job>,
    /// What reads topics and writes stores.
    pub sinks: Vec<Sink>,
    /// What is derived.
    pub stores: Vec<Store>,
    /// What must hold.
    pub promises: Vec<Promise>,
}

/// An application: steps in order, each an atomic group of writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Writer {
    /// What it does.
    pub steps: Vec<Vec<Op>>,
    /// It can die between two steps, and nobody goes on.
    pub crashes: bool,
    /// An answer can be lost, and it does its last step again.
    pub retries: Retries,
}

/// What a client does when no answer comes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Retries {
    /// Nothing.
    #[default]
    Never,
    /// The same once more, with the same operation id.
    SameId,
    /// The same once more, under a new id.
    NewId,
}

/// One write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Op {
    /// Where to.
    pub to: Place,
    /// What.
    pub kind: Kind,
    /// Of which row.
    pub key: u8,
    /// The row's new value: a tag, since no component branches on it but those that are told to.
    pub value: u8,
    /// The operation, from 1; the same write at two places has one.
    pub id: u8,
    /// Which part of the operation.
    pub part: u8,
    /// The operation that its writer had seen before.
    pub after: Option<u8>,
}

/// Where an application writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// A table of record.
    Table(Id),
    /// A topic, directly.
    Topic(Id),
    /// A derived store, directly.
    Store(Id),
}

/// What a write is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The row has this value now.
    Put,
    /// The row is gone.
    Delete,
    /// A fact, to be counted once.
    Fact,
}

/// A table of record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Table;

/// A capture: from one table's log into a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capture {
    /// What it reads.
    pub table: Id,
    /// What it writes.
    pub topic: Id,
    /// How it learns of changes.
    pub mode: CaptureMode,
    /// How many of its appends can be under way and overtake each other; 1 with an idempotent producer.
    pub in_flight: u8,
    /// It can die and go on from the last position it has committed.
    pub crashes: bool,
}

/// How a capture learns of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CaptureMode {
    /// It reads the write-ahead log from the beginning.
    Log,
    /// It copies the rows that are there, then reads the log from the moment of the copy. Interrupted, it copies again from a new moment.
    Snapshot,
    /// It asks for rows that have changed since it asked last: what is deleted is never seen.
    Poll,
}

/// A topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Topic {
    /// Partitions.
    pub partitions: u8,
    /// What decides the partition of a record.
    pub route: Route,
    /// The number of partitions can be raised while it runs; it starts with one.
    pub grows: bool,
    /// How long records stay.
    pub keeps: Keeps,
}

/// What decides the partition of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// The row's key.
    Key,
    /// A column of the row that can change.
    Value,
    /// Nothing: any partition.
    Any,
}

/// How long records stay in a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Keeps {
    /// Longer than any reader is away.
    Enough,
    /// Until every reader has read them, but not for ever.
    Window,
    /// A reader can find the oldest records gone.
    TooShort,
    /// The newest of each key, tombstones longer than any reader is away.
    Compacted,
    /// The newest of each key; a reader can find a tombstone gone as well.
    CompactedTooSoon,
}

/// What reads topics and writes a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Job {
    /// What it reads.
    pub inputs: Vec<Id>,
    /// What it writes; a splitter by value has two.
    pub outputs: Vec<Id>,
    /// What it does.
    pub work: Work,
    /// Output, state and position change in one transaction.
    pub atomic: bool,
    /// It can die and go on from the last position it has committed; state that is not atomic is ahead then.
    pub crashes: bool,
}

/// What a job does with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Work {
    /// Passes it on.
    Pass,
    /// Passes it on if a column that can change has the first value, that is, if the row's value is odd.
    Filter {
        /// A row that leaves is deleted downstream; else nothing is said of it.
        deletes: bool,
    },
    /// Gives it the value's group as key: a key made of a column that can change.
    Rekey {
        /// The row under its old key is deleted.
        deletes: bool,
    },
    /// Makes this many facts of one, one for each key.
    Split {
        /// How many.
        parts: u8,
        /// They carry the operation's id; else each gets one of its own.
        keeps_id: bool,
    },
    /// Counts facts by key and passes the count on as the row's value.
    Count {
        /// Counts each operation id once, in the transaction of the count.
        dedup: bool,
    },
    /// Keeps each side's rows and passes on pairs: the first input's row with the second's of the same key.
    Join,
    /// Passes each operation id once, in the transaction of its memory.
    Distinct,
    /// Sends rows with odd values to the first output and others to the second; who reads one reads both.
    ByValue,
}

/// What reads topics and writes a store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sink {
    /// What it reads.
    pub inputs: Vec<Id>,
    /// What it writes.
    pub store: Id,
    /// How it writes.
    pub mode: Mode,
    /// It passes deletes on; else it drops them.
    pub deletes: bool,
    /// How many writes of one partition can be under way and overtake each other.
    pub in_flight: u8,
    /// It can die and go on from the last position it has committed.
    pub crashes: bool,
    /// Writes under way when it dies can still arrive, at any time.
    pub zombies: bool,
    /// It holds a fact back until the fact it followed from is there.
    pub waits: bool,
}

/// How a sink writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Every record is added.
    Append,
    /// The last to arrive wins.
    Blind,
    /// The higher offset in the topic wins.
    Offset,
    /// The higher position in the record's log wins.
    Commit,
    /// Puts are not versioned and raise the document's own counter, deletes carry the offset.
    Counter,
    /// An operation id is marked and its effect written in one transaction.
    DedupTogether,
    /// An operation id is marked in a transaction of its own, before the effect.
    DedupApart,
    /// The topic's position is stored in the transaction of the effect.
    OffsetStored,
}

/// A derived store.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Store {
    /// Versions of deleted rows can be forgotten while older writes are still on their way.
    pub forgets: bool,
    /// Operation ids can be forgotten while repetitions are still on their way.
    pub forgets_ids: bool,
    /// It can be emptied and filled again from the topics as they are then.
    pub rebuilt: bool,
}

/// What must hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Promise {
    /// At rest a store holds what it should.
    Converges {
        /// The store.
        store: Id,
        /// What it should hold.
        of: Content,
    },
    /// At rest each operation that was accepted has had its effect once, in all its parts.
    Once {
        /// The store.
        store: Id,
        /// The operations.
        ops: Vec<u8>,
        /// How many parts each has.
        parts: u8,
    },
    /// At all times: what is visible is so after what it followed from.
    Causal {
        /// The store.
        store: Id,
    },
}

/// What a store should hold at rest, by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Content {
    /// The table's row.
    Row(Id),
    /// The table's row if its value is odd.
    OddRow(Id),
    /// Rows whose value's group is the key.
    ByGroup(Id),
    /// How many facts of the key have been accepted.
    Count,
    /// The row of the first table with the row of the second.
    Pair(Id, Id),
}

/// How many faults of each kind may happen in one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bounds {
    /// All together.
    pub faults: u8,
    /// Processes die.
    pub crashes: u8,
    /// Clients say it again.
    pub retries: u8,
    /// A store forgets a tombstone or an operation id.
    pub forgets: u8,
    /// A topic loses its oldest records, an overwritten one or a tombstone, or grows.
    pub logs: u8,
    /// A store is emptied and filled again.
    pub wipes: u8,
    /// Writes of dead tasks under way at one time.
    pub zombies: u8,
}

impl Bounds {
    /// No fault at all.
    pub const NONE: Self = Self { faults: 0, crashes: 0, retries: 0, forgets: 0, logs: 0, wipes: 0, zombies: 2 };

    /// One of each kind, all together at most `faults`.
    #[must_use]
    pub const fn each_once(faults: u8) -> Self {
        Self { faults, crashes: 1, retries: 1, forgets: 1, logs: 1, wipes: 1, zombies: 2 }
    }

    /// So many crashes, and one of every other kind.
    #[must_use]
    pub const fn crashes(crashes: u8) -> Self {
        Self { faults: crashes + 4, crashes, retries: 1, forgets: 1, logs: 1, wipes: 1, zombies: 2 }
    }
}

/// The group of a value, for keys and partitions made of a column that can change.
#[must_use]
pub fn group(value: u8) -> u8 {
    value & 1
}

impl Topology {
    /// Whether the places a promise and a sink name are there; a shape that is not whole cannot be run.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let topic = |id: &Id| usize::from(*id) < self.topics.len();
        let table = |id: Id| usize::from(id) < self.tables.len();
        let store = |id: Id| usize::from(id) < self.stores.len();
        let place = |op: &Op| match op.to {
            Place::Table(id) => table(id),
            Place::Topic(id) => topic(&id),
            Place::Store(id) => store(id),
        };
        let ops = self.writers.iter().flat_map(|writer| writer.steps.iter().flatten());
        self.keys > 0
            && self.topics.iter().all(|topic| topic.partitions > 0)
            && ops.clone().all(|op| place(op) && op.key < self.keys && op.id > 0)
            && self.captures.iter().all(|capture| table(capture.table) && topic(&capture.topic))
            && self.jobs.iter().all(|job| job.inputs.iter().chain(&job.outputs).all(topic))
            && self.jobs.iter().all(|job| job.outputs.len() == if job.work == Work::ByValue { 2 } else { 1 })
            && self.sinks.iter().all(|sink| store(sink.store) && sink.inputs.iter().all(topic))
            && self.promises.iter().all(|promise| match promise {
                Promise::Converges { store: id, of } => {
                    store(*id)
                        && match of {
                            Content::Row(id) | Content::OddRow(id) | Content::ByGroup(id) => table(*id),
                            Content::Pair(a, b) => table(*a) && table(*b),
                            Content::Count => true,
                        }
                }
                Promise::Once { store: id, .. } | Promise::Causal { store: id } => store(*id),
            })
    }
}
