//! The only place that prints. A reader that went away is no failure; a full disk is.

use std::io::{self, IsTerminal, Write};

use super::UsageError;
use super::load::reason;
use crate::render::human::{Colour, Look};

/// Prints to stdout.
pub fn out(text: &str) -> Result<(), UsageError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(UsageError(format!("cannot write to stdout: {}", reason(&error)))),
    }
}

/// Prints to stderr, where a failure has nowhere to be told.
pub fn err(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// How findings are to look on stderr.
pub fn look() -> Look {
    let stderr = io::stderr();
    if !stderr.is_terminal() {
        return Look::PLAIN;
    }
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    let colour = if set("NO_COLOR") || dumb { Colour::None } else { Colour::Ansi };
    Look { width: columns().map_or(Look::PLAIN.width, |columns| columns.clamp(60, 120)), colour }
}

#[cfg(unix)]
fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn columns() -> Option<usize> {
    None
}
