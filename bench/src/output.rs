//! What the program says: results on standard output, how it is getting on on standard error.

use std::io::Write as _;

/// Says how things are going. Nothing is left to be done when even that cannot be said.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints a result.
pub(crate) fn print(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{text}")
}
