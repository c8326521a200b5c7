//! Sends what the journals of earlier runs still hold.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;

use crate::exit::{Code, Failure, Result};
use crate::output::{Report, Table};
use crate::record::courier;
use crate::record::entry::Entry;
use crate::record::journal::Journal;
use crate::record::sender::Sender;
use crate::session::Session;

/// What became of a journal.
#[derive(Debug, Serialize)]
struct Outcome {
    bucket: String,
    fingerprint: String,
    begun_at: String,
    /// `recorded`, `kept`, `discarded`, or `in use`.
    state: &'static str,
    /// Why it is not recorded, or what went wrong with its channels; empty if nothing did.
    problem: String,
    /// The file.
    journal: String,
}

/// Sends all of a folder.
///
/// # Errors
/// [`Code::NotRecorded`] when something had to be kept.
pub(super) async fn run(session: &Arc<Session>, folder: &Path, discard: bool) -> Result<Report> {
    // Without an address or credentials nothing can be sent.
    session.client()?;
    let mut outcomes = Vec::new();
    for path in Journal::list(folder)? {
        outcomes.push(match Journal::open(&path)? {
            None => in_use(&path),
            Some(journal) => send(session, journal, discard).await?,
        });
    }
    let mut table = Table::new(["bucket", "fingerprint", "state", "problem"]);
    for outcome in &outcomes {
        table.row([
            outcome.bucket.clone(),
            outcome.fingerprint.clone(),
            outcome.state.to_owned(),
            outcome.problem.clone(),
        ]);
    }
    let report = Report::new(&outcomes, table.text("Everything is recorded already."))?;
    let kept = outcomes
        .iter()
        .filter(|outcome| outcome.state == "kept")
        .count();
    if kept == 0 {
        return Ok(report);
    }
    let text = table.text("");
    session.terminal.say(text.trim_end());
    let many = if kept == 1 {
        "one run is".to_owned()
    } else {
        format!("{kept} runs are")
    };
    Err(Failure::new(Code::NotRecorded, format!("{many} not recorded yet"))
        .hint("again later: touchmark push --resume")
        .hint("what the registry refuses is dropped by: touchmark push --resume --discard-refused"))
}

fn in_use(path: &Path) -> Outcome {
    Outcome {
        bucket: "-".to_owned(),
        fingerprint: "-".to_owned(),
        begun_at: String::new(),
        state: "in use",
        problem: "its build is still running".to_owned(),
        journal: path.display().to_string(),
    }
}

async fn send(session: &Arc<Session>, mut journal: Journal, discard: bool) -> Result<Outcome> {
    let (header, path) = (journal.header.clone(), journal.path().to_owned());
    let outcome = |state, problem: &str| Outcome {
        bucket: header.bucket.clone(),
        fingerprint: header.fingerprint.clone(),
        begun_at: header.begun_at.clone(),
        state,
        problem: problem.to_owned(),
        journal: path.display().to_string(),
    };
    let here = session.settings.get("url").unwrap_or_default();
    if here.trim_end_matches('/') != header.url.trim_end_matches('/') {
        return Ok(outcome(
            "kept",
            &format!("it belongs to {}: give --url or a profile", header.url),
        ));
    }
    for component in unended(&journal) {
        journal.say(Entry::Cancelled { component })?;
    }
    let mut sender = Sender::new(Arc::clone(session), header.clone());
    let (journal, delivered) = courier::deliver_all(journal, &mut sender).await;
    match delivered {
        Ok(()) => {
            journal.remove()?;
            Ok(outcome("recorded", ""))
        }
        Err(failure) => {
            let refused = !failure.is(Code::Unavailable);
            if refused && journal.is_recorded() {
                journal.remove()?;
                return Ok(outcome("recorded", &failure.message));
            }
            if refused && discard {
                journal.remove()?;
                return Ok(outcome("discarded", &failure.message));
            }
            Ok(outcome("kept", &failure.message))
        }
    }
}

/// Builds of which the journal does not say how they ended: its process was killed.
fn unended(journal: &Journal) -> BTreeSet<String> {
    let mut running = BTreeSet::new();
    for entry in journal.entries() {
        entry.note(&mut running);
    }
    running
}
