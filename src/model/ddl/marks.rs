//! Comments with a meaning: the marks by which migration tools part "up" from "down" and statement from statement.
//!
//! A "down" half would drop the tables its "up" half made, so it is left out.

/// What a comment line means to a migration tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::model::ddl) enum Mark {
    /// What follows makes the schema.
    Up,
    /// What follows takes it back.
    Down,
    /// The statement before is complete, `;` or not.
    Part,
}

/// The marks of the tools, in lower case, without the signs of the comment.
const MARKS: &[(&str, Mark)] = &[
    ("+goose up", Mark::Up),
    ("+goose down", Mark::Down),
    ("+goose statement", Mark::Part),
    ("+migrate up", Mark::Up),
    ("+migrate down", Mark::Down),
    ("+migrate statement", Mark::Part),
    ("+micrate up", Mark::Up),
    ("+micrate down", Mark::Down),
    ("+micrate statement", Mark::Part),
    ("+rambler up", Mark::Up),
    ("+rambler down", Mark::Down),
    ("rambler up", Mark::Up),
    ("rambler down", Mark::Down),
    ("migrate:up", Mark::Up),
    ("migrate:down", Mark::Down),
    ("up migration", Mark::Up),
    ("down migration", Mark::Down),
    ("!ups", Mark::Up),
    ("!downs", Mark::Down),
    ("//@undo", Mark::Down),
    ("@undo", Mark::Down),
    ("---- create above / drop below ----", Mark::Down),
    ("create above / drop below", Mark::Down),
    ("bun:split", Mark::Part),
    ("changeset ", Mark::Part),
    ("> statement-breakpoint", Mark::Part),
    (";;", Mark::Part),
];

/// What the comment line means, if it is a mark.
pub(in crate::model::ddl) fn mark(line: &str) -> Option<Mark> {
    let words = line.trim_start_matches(['-', '#', ' ', '\t']);
    // `starts_with` on bytes, since a mark may end inside a longer line.
    MARKS
        .iter()
        .find(|(text, _)| words.get(..text.len()).is_some_and(|start| start.eq_ignore_ascii_case(text)))
        .map(|&(_, mark)| mark)
}

/// The next "up" mark behind `from`, or the end of the text.
pub(in crate::model::ddl) fn next_up(text: &str, from: usize) -> usize {
    let mut at = from;
    for line in text.get(from..).unwrap_or("").split_inclusive('\n') {
        let body = line.trim_start();
        if (body.starts_with("--") || body.starts_with('#')) && mark(body) == Some(Mark::Up) {
            return at;
        }
        at += line.len();
    }
    text.len()
}
