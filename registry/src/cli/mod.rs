//! What the commands of the server's command line share: failures with their exit codes, tables, JSON, and
//! the question before something is deleted.

pub(crate) mod env;
pub(crate) mod operate;
pub(crate) mod organization;
pub(crate) mod principal;
pub(crate) mod project;
pub(crate) mod user;

use std::io::{self, IsTerminal as _, Write as _};

use clap::Args;
use serde::Serialize;
use touchmark_registry::{
    commands::{Registry, Where},
    config::{Flags, Settings},
    error::Error,
};

/// Why a command did not do what it was told, and how the process ends.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    /// 1 failed, 2 told wrongly or cancelled, 5 not there, 6 the state of things is against it, 7 the
    /// database is away.
    pub(crate) code: u8,
}

impl Failure {
    fn new(code: u8, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { message, code }
    }

    /// What was asked for contradicts itself.
    pub(crate) fn told_wrongly(message: String) -> Self {
        Self::new(2, message)
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self::new(1, message)
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Invalid { .. } => 2,
            Error::Missing(..) | Error::Unknown { .. } => 5,
            Error::Exists(..) | Error::Refused(_) => 6,
            Error::Unavailable(_) | Error::Retry => 7,
            _ => 1,
        };
        Self::new(code, error.to_string())
    }
}

/// How a command ended.
pub(crate) type Done = Result<(), Failure>;

/// What most commands take.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// The organization, by name or id; needed when there are several
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    organization: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten, next_help_heading = "Settings of the server")]
    flags: Flags,
}

impl Common {
    fn place(&self, project: &str) -> Where {
        Where {
            organization: self.organization.clone(),
            project: project.to_owned(),
        }
    }
}

/// Runs a command on the registry that the flags lead to.
fn on_registry(flags: &Flags, work: impl AsyncFnOnce(&Registry<'_>) -> Done) -> Done {
    let settings = load(flags)?;
    actix_web::rt::System::new().block_on(async {
        let registry = Registry::open(&settings).await.map_err(|error| {
            let away = matches!(error, Error::Unavailable(_));
            Failure::new(if away { 7 } else { 1 }, error.to_string())
        })?;
        work(&registry).await
    })
}

/// The settings that the flags, the environment and the file make.
pub(crate) fn load(flags: &Flags) -> Result<Settings, String> {
    let (settings, warnings) = Settings::from_process(flags).map_err(|error| error.to_string())?;
    for warning in warnings {
        let _ = writeln!(io::stderr(), "warning: {warning}");
    }
    Ok(settings)
}

/// Prints the result.
pub(crate) fn print(text: &str) -> Result<(), String> {
    let mut out = io::stdout();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        // Whoever read our output has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| format!("the result cannot be written: {error}")),
    }
}

/// Prints the result as JSON.
fn print_json(value: &impl Serialize) -> Done {
    let text = serde_json::to_string_pretty(value).map_err(|error| error.to_string())?;
    Ok(print(&format!("{text}\n"))?)
}

/// Says something about the result that is not part of it.
fn note(text: &str) {
    // The result stands, whether or not this can be said.
    let _ = writeln!(io::stderr(), "{text}");
}

/// Rows below their headings, in columns.
fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        let widest = cells.map(|cell| cell.chars().count()).max();
        let heading = headings.get(column).map_or(0, |text| text.chars().count());
        widest.unwrap_or(0).max(heading)
    };
    let widths: Vec<usize> = (0..headings.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths);
        let padded: Vec<String> = padded
            .map(|(cell, width)| format!("{cell:width$}"))
            .collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let rows = rows
        .iter()
        .map(|row| line(row.iter().map(String::as_str).collect()));
    std::iter::once(line(headings.to_vec()))
        .chain(rows)
        .collect()
}

/// Refuses to delete something unless its name was repeated, on the command line or when asked.
fn confirm(what: &str, name: &str, given: Option<&str>) -> Done {
    if let Some(given) = given {
        if given == name {
            return Ok(());
        }
        let message = format!("--confirm must repeat the name of the {what}, which is {name}");
        return Err(Failure::new(2, message));
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let message = format!("deleting the {what} cannot be undone: add --confirm {name}");
        return Err(Failure::new(2, message));
    }
    let _ = write!(
        io::stderr(),
        "Deleting the {what} {name} cannot be undone. Type its name to go on: "
    );
    let mut typed = String::new();
    let read = io::stdin().read_line(&mut typed);
    if read.is_ok() && typed.trim() == name {
        return Ok(());
    }
    Err(Failure::new(2, "cancelled: nothing was deleted"))
}

/// A moment as tables show it.
fn when(time: Option<touchmark_wire::time::Timestamp>) -> String {
    time.map_or_else(
        || "never".to_owned(),
        |time| {
            let text = time.to_string();
            let (seconds, _) = text.split_once('.').unwrap_or((&text, ""));
            format!("{seconds}Z")
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_straight_columns() {
        let rows = [
            vec!["a".to_owned(), "b".to_owned()],
            vec!["long".to_owned(), String::new()],
        ];
        assert_eq!(table(&["NAME", "X"], &rows), "NAME  X\na     b\nlong\n");
    }

    #[test]
    fn a_name_that_was_not_repeated_is_no_confirmation() {
        assert!(confirm("principal", "ci", Some("ci")).is_ok());
        assert_eq!(confirm("principal", "ci", Some("c")).unwrap_err().code, 2);
    }
}
