//! What the program says while it works, on standard error.

use std::io::Write as _;

/// Says how things are going. Nothing is left to be done when even that cannot be said.
pub(crate) fn note(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
