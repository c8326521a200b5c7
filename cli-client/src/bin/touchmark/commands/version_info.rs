//! `touchmark version`.

use serde_json::json;

use crate::exit::Result;
use crate::output::Report;

/// Shows the name and the version of this program.
pub(crate) fn run() -> Result<Report> {
    let version = env!("CARGO_PKG_VERSION");
    let value = json!({ "name": "touchmark", "version": version });
    Report::new(&value, format!("touchmark {version}"))
}
