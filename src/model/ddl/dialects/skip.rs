//! What is read only to find its end: expressions, and the words behind a constraint.

use super::cursor::{Cursor, Read};
use super::lex::T;

/// Moves over an expression without brackets around it, such as the one behind `DEFAULT`: it ends where no sign joins it
/// with what follows.
pub(super) fn expression(cursor: &mut Cursor) -> Read<()> {
    loop {
        operand(cursor)?;
        if !operator(cursor) {
            return Ok(());
        }
    }
}

fn operand(cursor: &mut Cursor) -> Read<()> {
    while cursor.eat_sign(b'-') || cursor.eat_sign(b'+') || cursor.eat_sign(b'~') || cursor.eat_sign(b':') {}
    let Some(token) = cursor.peek() else { return cursor.stop() };
    match token.kind {
        T::Sign(b'(') => cursor.group()?,
        T::Sign(b'{') => {
            while cursor.peek().is_some() && !cursor.eat_sign(b'}') {
                cursor.advance();
            }
        }
        T::Sign(b'&') => {
            // A variable of SQL*Plus.
            while cursor.eat_sign(b'&') {}
            cursor.advance();
        }
        T::Text | T::Number => cursor.advance(),
        T::Quoted | T::Word => word(cursor)?,
        T::Sign(_) | T::End | T::Batch | T::Unclosed => return cursor.stop(),
    }
    Ok(())
}

fn word(cursor: &mut Cursor) -> Read<()> {
    if cursor.eat("CASE") {
        let mut depth = 1_usize;
        while depth > 0 {
            if cursor.is_done() {
                return cursor.stop();
            }
            depth += usize::from(cursor.is("CASE"));
            depth -= usize::from(cursor.is("END"));
            cursor.advance();
        }
        return Ok(());
    }
    if cursor.eat_seq(&["NEXT", "VALUE", "FOR"]) {
        cursor.path()?;
        return Ok(());
    }
    let is_interval = cursor.is("INTERVAL");
    cursor.advance();
    if is_interval {
        cursor.text();
        cursor.advance();
        return Ok(());
    }
    // `DATE '2000-01-01'`, `N'x'`, `_utf8mb4'x'`, `b'0'`.
    if cursor.peek().is_some_and(|token| token.kind == T::Text) {
        cursor.advance();
        return Ok(());
    }
    while cursor.is_sign(b'.') && cursor.nth(1).is_some_and(|token| matches!(token.kind, T::Word | T::Quoted)) {
        cursor.advance();
        cursor.advance();
    }
    cursor.group_if_any()
}

/// Moves over a sign that joins two operands; says whether there was one.
fn operator(cursor: &mut Cursor) -> bool {
    if cursor.eat_seq(&["AT", "TIME", "ZONE"]) {
        return true;
    }
    if cursor.is_any(&["DIV", "MOD", "AND", "OR", "LIKE"]) {
        cursor.advance();
        return true;
    }
    let mut found = false;
    while let Some(T::Sign(b'+' | b'-' | b'*' | b'/' | b'%' | b'|' | b'&' | b'^' | b'<' | b'>' | b'=' | b'!' | b':')) =
        cursor.peek().map(|token| token.kind)
    {
        cursor.advance();
        found = true;
    }
    found
}

/// Words behind a constraint or a column, each with what belongs to it. What is none of them is a mistake, such as a comma
/// that is missing.
const WORDS: &[&str] = &[
    "USING",
    "BTREE",
    "HASH",
    "RTREE",
    "ENABLE",
    "DISABLE",
    "VALIDATE",
    "NOVALIDATE",
    "RELY",
    "NORELY",
    "ENFORCED",
    "VISIBLE",
    "INVISIBLE",
    "CLUSTERED",
    "NONCLUSTERED",
    "DEFERRABLE",
    "INITIALLY",
    "DEFERRED",
    "IMMEDIATE",
    "ASC",
    "DESC",
    "IGNORED",
    "RELAXED",
    "NOCHECK",
    "PERSISTED",
    "LOCAL",
    "GLOBAL",
    "REVERSE",
    "NOSORT",
    "SORT",
    "CLUSTERING",
];

/// Moves over the words behind a constraint: how its index is stored, whether it is checked.
pub(super) fn tail(cursor: &mut Cursor) -> Read<()> {
    while !cursor.ends_item() {
        if !tail_word(cursor)? {
            return Ok(());
        }
    }
    Ok(())
}

/// Moves over one word of a constraint's tail; says whether there was one.
pub(super) fn tail_word(cursor: &mut Cursor) -> Read<bool> {
    if cursor.is_seq(&["USING", "INDEX"]) {
        // Oracle: an index's storage, a name, or a whole CREATE INDEX. Then whether the constraint is checked.
        cursor.advance();
        cursor.advance();
        while !cursor.ends_item() {
            if cursor.is_sign(b'(') {
                cursor.group()?;
            } else if cursor.is_any(&["ADD", "MODIFY"]) {
                break;
            } else {
                cursor.advance();
            }
        }
        return Ok(true);
    }
    if cursor.eat_seq(&["NOT", "FOR", "REPLICATION"])
        || cursor.eat_seq(&["WITH", "VALUES"])
        || cursor.eat_seq(&["NOT", "ENFORCED"])
        || cursor.eat_seq(&["NOT", "DEFERRABLE"])
        || cursor.eat_seq(&["NOT", "IGNORED"])
        || cursor.eat_seq(&["NOT", "VALID"])
    {
        return Ok(true);
    }
    if cursor.eat_any(WORDS) {
        return Ok(true);
    }
    if cursor.is("WITH") {
        cursor.advance();
        if cursor.is_sign(b'(') {
            cursor.group()?;
        } else if cursor.eat("PARSER") {
            cursor.name()?;
        } else {
            // SQL Server 2000: WITH FILLFACTOR = 90.
            option(cursor)?;
        }
        return Ok(true);
    }
    if cursor.is("ON") && !cursor.is_nth(1, "DELETE") && !cursor.is_nth(1, "UPDATE") {
        // A filegroup, or a partition scheme.
        cursor.advance();
        if cursor.text().is_none() {
            cursor.path()?;
        }
        cursor.group_if_any()?;
        return Ok(true);
    }
    if cursor.is_any(&["INCLUDE", "WHERE"]) {
        cursor.advance();
        while !cursor.ends_item() && !cursor.is_any(&["WITH", "ON"]) {
            if cursor.is_sign(b'(') { cursor.group()? } else { cursor.advance() }
        }
        return Ok(true);
    }
    if cursor.eat_seq(&["EXCEPTIONS", "INTO"]) {
        cursor.path()?;
        return Ok(true);
    }
    if cursor.eat_any(&["TABLESPACE", "FILESTREAM_ON", "TEXTIMAGE_ON"]) {
        if cursor.text().is_none() {
            cursor.path()?;
        }
        return Ok(true);
    }
    let with_value = [
        "COMMENT",
        "KEY_BLOCK_SIZE",
        "ENGINE_ATTRIBUTE",
        "SECONDARY_ENGINE_ATTRIBUTE",
        "FILLFACTOR",
        "BUCKET_COUNT",
        "PAD_INDEX",
        "ALLOW_ROW_LOCKS",
        "ALLOW_PAGE_LOCKS",
        "IGNORE_DUP_KEY",
        "STATISTICS_NORECOMPUTE",
        "ALGORITHM",
        "LOCK",
        "M",
        "DISTANCE",
    ];
    if cursor.is_any(&with_value) {
        option(cursor)?;
        return Ok(true);
    }
    Ok(false)
}

/// `word = value` or `word value`.
pub(super) fn option(cursor: &mut Cursor) -> Read<()> {
    cursor.advance();
    cursor.eat_sign(b'=');
    if cursor.text().is_none() {
        operand(cursor)?;
    }
    Ok(())
}
