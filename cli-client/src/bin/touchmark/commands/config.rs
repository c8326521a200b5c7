//! `touchmark config`: what is in force, and where each value comes from.

use serde::Serialize;

use crate::exit::Result;
use crate::output::{Report, Table};
use crate::session::Session;

#[derive(Serialize)]
struct Shown<'a> {
    name: &'static str,
    value: String,
    origin: &'a str,
}

/// Shows the settings, with secrets masked.
pub(crate) fn run(session: &Session) -> Result<Report> {
    let settings = session.settings.shown();
    let settings: Vec<Shown<'_>> = settings
        .map(|(name, value, origin)| Shown {
            name,
            value,
            origin,
        })
        .collect();
    let mut table = Table::new(["name", "value", "origin"]);
    for setting in &settings {
        table.row([
            setting.name.to_owned(),
            setting.value.clone(),
            setting.origin.to_owned(),
        ]);
    }
    Report::new(
        &settings,
        table.text("Nothing is set. Start with: touchmark auth login --url URL"),
    )
}
