//! What is known of the records on an edge: a product of small lattices, the strongest value of each on top. Each value that was lowered remembers where.

use crate::explore::topology::Id;

/// A node of the shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// An application.
    Writer(Id),
    /// A table of record.
    Table(Id),
    /// A capture.
    Capture(Id),
    /// A topic.
    Topic(Id),
    /// A job.
    Job(Id),
    /// A sink.
    Sink(Id),
    /// A store.
    Store(Id),
}

/// Which columns order hangs on, as bits.
pub type Columns = u8;
/// The key records carry.
pub const KEY: Columns = 1;
/// A column of the row that can change.
pub const VALUE: Columns = 2;
/// What is different for each record.
pub const EVENT: Columns = 4;

/// Records that agree in these columns are in the order of the record: none of them is total order, [`EVENT`] is no order at all. The key determines
/// itself and nothing that can change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Order(pub Columns);

impl Order {
    /// Records of one key are in order.
    #[must_use]
    pub fn holds(self) -> bool {
        self.0 & !KEY == 0
    }
}

/// How records repeat; the weakest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Repeats {
    /// Never.
    Exact,
    /// From an earlier point on, everything again in its order.
    Rewind,
    /// Any one, alone, at any time.
    Stray,
}

/// What is missing; the weakest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Loss {
    /// Nothing.
    Nothing,
    /// States of a row that a later one replaces.
    Replaced,
    /// Anything.
    Anything,
}

/// How far back a log can be read again; the weakest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Replay {
    /// From the beginning, or what a rebuild needs of it.
    Whole,
    /// Some time.
    Window,
}

/// An axis of the lattice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Axis {
    /// [`Fact::order`].
    Order,
    /// [`Fact::repeats`].
    Repeats,
    /// [`Fact::disguised`].
    Ids,
    /// [`Fact::loss`].
    Loss,
    /// [`Fact::position`].
    Version,
    /// [`Fact::deletes`].
    Deletes,
    /// [`Fact::replay`].
    Replay,
    /// [`Fact::owned`].
    Owner,
}

/// Where and why a value is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reason {
    /// Of which axis.
    pub axis: Axis,
    /// At which hop.
    pub node: Node,
    /// In words, without the names.
    pub note: &'static str,
    /// Whether the value was lowered there; else it was kept or raised.
    pub lowered: bool,
}

/// What is known of the records on an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// In what order they come.
    pub order: Order,
    /// How they repeat.
    pub repeats: Repeats,
    /// How repetitions come that carry another id than the first time: no memory of ids finds them.
    pub disguised: Repeats,
    /// Whether several records carry one id, so that a memory of ids takes the second for a repetition.
    pub shared_id: bool,
    /// What is missing.
    pub loss: Loss,
    /// Whether the position in the record's log orders what is said of a key.
    pub position: bool,
    /// Whether a row that goes is said to go.
    pub deletes: bool,
    /// Whether rows go at all.
    pub rows_go: bool,
    /// How far back it can be read.
    pub replay: Replay,
    /// Whether nothing else writes what this writes.
    pub owned: bool,
    /// Whether the key is made of the column that can change, so that it determines it.
    pub keyed_by_value: bool,
    /// Where each came from, in the order of the way.
    pub reasons: Vec<Reason>,
}

impl Fact {
    /// A table's own log: everything, once, in order.
    #[must_use]
    pub fn of_log(node: Node, rows_go: bool) -> Self {
        let mut fact = Self {
            order: Order(0),
            repeats: Repeats::Exact,
            disguised: Repeats::Exact,
            shared_id: false,
            loss: Loss::Nothing,
            position: true,
            deletes: true,
            rows_go,
            replay: Replay::Whole,
            owned: true,
            keyed_by_value: false,
            reasons: Vec::new(),
        };
        fact.keep(Axis::Order, node, "changes are in the order of their commits");
        fact
    }

    /// Notes that a value was lowered.
    pub fn lower(&mut self, axis: Axis, node: Node, note: &'static str) {
        self.reasons.push(Reason { axis, node, note, lowered: true });
    }

    /// Notes why a value was kept or raised.
    pub fn keep(&mut self, axis: Axis, node: Node, note: &'static str) {
        self.reasons.push(Reason { axis, node, note, lowered: false });
    }

    /// Lowers what repeats.
    pub fn repeat(&mut self, repeats: Repeats, node: Node, note: &'static str) {
        if repeats > self.repeats {
            self.repeats = repeats;
            self.lower(Axis::Repeats, node, note);
        }
    }

    /// Lowers what is lost.
    pub fn lose(&mut self, loss: Loss, node: Node, note: &'static str) {
        if loss > self.loss {
            self.loss = loss;
            self.lower(Axis::Loss, node, note);
        }
    }

    /// Gives order up, or makes it hang on more columns.
    pub fn order_by(&mut self, columns: Columns, node: Node, note: &'static str) {
        let order = Order(self.order.0 | columns);
        if order != self.order {
            self.order = order;
            if order.holds() {
                self.keep(Axis::Order, node, note);
            } else {
                self.lower(Axis::Order, node, note);
            }
        }
    }

    /// Gives deletes up, where there are any.
    pub fn drop_deletes(&mut self, node: Node, note: &'static str) {
        if self.deletes && self.rows_go {
            self.deletes = false;
            self.lower(Axis::Deletes, node, note);
        }
    }

    /// Gives positions up.
    pub fn drop_position(&mut self, node: Node, note: &'static str) {
        if self.position {
            self.position = false;
            self.lower(Axis::Version, node, note);
        }
    }

    /// What holds of both: the weaker of each.
    #[must_use]
    pub fn meet(mut self, other: Self) -> Self {
        self.order = Order(self.order.0 | other.order.0);
        self.repeats = self.repeats.max(other.repeats);
        self.disguised = self.disguised.max(other.disguised);
        self.shared_id |= other.shared_id;
        self.loss = self.loss.max(other.loss);
        self.position &= other.position;
        self.deletes &= other.deletes;
        self.rows_go |= other.rows_go;
        self.replay = self.replay.max(other.replay);
        self.owned &= other.owned;
        self.keyed_by_value &= other.keyed_by_value;
        for reason in other.reasons {
            if !self.reasons.contains(&reason) {
                self.reasons.push(reason);
            }
        }
        self
    }
}
