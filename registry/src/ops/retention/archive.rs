//! Moves old events into files: first the file, then the deletion.

use std::{collections::HashMap, fs, path::Path};

use serde::Serialize;

use super::super::{
    Access,
    check::LOG,
    events::{Place, Resource},
};
use crate::{
    domain::time::Time,
    error::{Error, Result},
    private_file,
    state::State,
    store::{
        Conn, check as log, organizations,
        retention::{self as rows, Archived},
    },
};

/// Events of one file at most, and how long their payloads may be together.
const EVENTS: usize = 10_000;
const BYTES: usize = 32 << 20;

/// What the log says of its own archiving.
#[derive(Serialize)]
struct Begins<'a> {
    /// Events up to here may be in a file.
    through: i64,
    /// How many are in the file that was written last.
    count: usize,
    /// Its name.
    file: &'a str,
}

/// Moves events that are older than the settings say into a file of the data folder: how many.
pub async fn archive_events(state: &State) -> Result<usize> {
    let Some(age) = state.retention.ages.events else {
        return Ok(0);
    };
    let mut moved = 0;
    loop {
        let limit = state.clock.now().before(age);
        let Collected { sequences, bytes } = state
            .store
            .examine(move |conn| collect(conn, limit))
            .await?;
        let full = sequences.len() >= EVENTS || bytes >= BYTES;
        let count = sequences.len();
        if count == 0 || !move_out(state, sequences).await? {
            return Ok(moved);
        }
        moved += count;
        // What this run itself makes superfluous is for the next one.
        if !full {
            return Ok(moved);
        }
    }
}

/// What can go, place by place, until a file is full.
fn collect(conn: &mut Conn, limit: Time) -> Result<Collected> {
    let mut old = Collected::default();
    of_place(conn, "", limit, &mut old)?;
    let mut after = String::new();
    while !old.is_full()
        && let Some(bucket) = log::next_bucket(conn, &after)?
    {
        of_place(conn, &bucket, limit, &mut old)?;
        after = bucket;
    }
    Ok(old)
}

#[derive(Default)]
struct Collected {
    sequences: Vec<i64>,
    bytes: usize,
}

impl Collected {
    fn is_full(&self) -> bool {
        self.sequences.len() >= EVENTS || self.bytes >= BYTES
    }

    fn take(&mut self, sequence: i64, bytes: usize) {
        if !self.is_full() {
            self.sequences.push(sequence);
            self.bytes += bytes;
        }
    }
}

/// The events of a resource that are old so far, and whether one has come that is not.
#[derive(Default)]
struct Old {
    /// The last of them, which goes when another follows or when it says that the resource is gone.
    last: Option<(i64, usize)>,
    over: bool,
}

fn of_place(conn: &mut Conn, bucket: &str, limit: Time, old: &mut Collected) -> Result<()> {
    let mut resources: HashMap<(String, String), Old> = HashMap::new();
    let mut after = i64::MIN;
    loop {
        let page = log::log(conn, bucket, after)?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.sequence;
        for entry in page {
            let gone = entry.payload.starts_with(r#"{"after":null,"#);
            let key = (entry.resource_kind, entry.resource_id);
            let known = resources.entry(key).or_default();
            if let Some((sequence, bytes)) = known.last.take() {
                old.take(sequence, bytes);
            }
            // Only from the front: what stays of a resource is the end of its story.
            known.over |= entry.at >= limit.micros();
            if known.over {
                continue;
            }
            if gone {
                old.take(entry.sequence, entry.payload.len());
            } else {
                known.last = Some((entry.sequence, entry.payload.len()));
            }
        }
        if old.is_full() {
            return Ok(());
        }
    }
}

/// Writes the events to a file and deletes them. `false` when another node was at it.
async fn move_out(state: &State, sequences: Vec<i64>) -> Result<bool> {
    let wanted = sequences.clone();
    let events = state
        .store
        .examine(move |conn| rows::events(conn, &wanted))
        .await?;
    let now = state.clock.now();
    let (Some(first), Some(last)) = (sequences.iter().min(), sequences.iter().max()) else {
        return Ok(false);
    };
    let (name, through) = (
        format!("events-{first}-{last}-{}.jsonl", now.micros()),
        *last,
    );
    let file = state.retention.archive.join(&name);
    let written = write(&file, &events);
    written.map_err(|error| {
        let path = file.display();
        Error::Unavailable(format!("old events cannot be written to {path}: {error}").into())
    })?;
    let deleted = state
        .store
        .write(move |conn| delete(conn, &sequences, (through, &name), now))
        .await;
    if !matches!(deleted, Ok(true)) {
        // They are in the log still, or in the file of another node.
        drop(fs::remove_file(&file));
    }
    deleted
}

/// One JSON object a line. The file is safe before this returns.
fn write(file: &Path, events: &[Archived]) -> std::io::Result<()> {
    let mut text = Vec::new();
    for event in events {
        serde_json::to_writer(&mut text, event).map_err(std::io::Error::other)?;
        text.push(b'\n');
    }
    if let Some(folder) = file.parent() {
        private_file::make_folder(folder)?;
        private_file::sync_parent(folder)?;
    }
    private_file::replace(file, &text)
}

/// Deletes what is in the file, and says so in the log. The organization is held meanwhile, so that of
/// several nodes one does it; the others find less than they have written.
fn delete(
    conn: &mut Conn,
    sequences: &[i64],
    (through, file): (i64, &str),
    now: Time,
) -> Result<bool> {
    let Some(organization) = organizations::first(conn)? else {
        return Ok(false);
    };
    organizations::lock(conn, &organization.id)?;
    let projects = organizations::projects(conn, &organization.id)?;
    let Some(project) = projects.into_iter().next() else {
        return Ok(false);
    };
    if rows::count(conn, sequences)? != sequences.len() {
        return Ok(false);
    }
    rows::delete(conn, sequences)?;
    let before = super::super::check::archived_through(conn)?.unwrap_or(0);
    let begins = Begins {
        through: through.max(before),
        count: sequences.len(),
        file,
    };
    let resource = Resource {
        kind: LOG,
        id: &organization.id,
        name: "events",
    };
    let access = Access::system(project);
    Place::project(&access, now).record(conn, "events.archived", resource, Some(&begins))?;
    Ok(true)
}
