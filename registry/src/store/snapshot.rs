//! A copy of an SQLite database as it is at one moment, also while others write to it.

use std::path::Path;

use diesel::{connection::SimpleConnection as _, prelude::*, sql_types::Text};

use super::{conn::Driver, schema::events, sqlite};
use crate::error::{Error, Result};

diesel::table! { __diesel_schema_migrations (version) { version -> Text, } }

/// What a copy holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last migration that was applied to it.
    pub schema: String,
    /// The sequence number of its last event; 0 for none.
    pub last_event: i64,
}

/// Copies the database `from` into the new file `to`. Everything that was committed before this is called
/// is in the copy, and nothing in part.
///
/// # Errors
/// When the database cannot be read or the copy not be written.
pub fn take(from: &Path, to: &Path) -> Result<Snapshot> {
    let mut source = sqlite::connect(from)?;
    let Driver::Sqlite(source) = source.driver() else {
        return Err(Error::internal("a file that is not SQLite"));
    };
    let text = to
        .to_str()
        .ok_or_else(|| Error::refused("the path of a backup must be UTF-8"))?;
    // One read transaction; unlike a copy of the pages it is not begun again when somebody writes.
    diesel::sql_query("VACUUM INTO ?")
        .bind::<Text, _>(text)
        .execute(source)?;
    let mut copy = diesel::SqliteConnection::establish(text)?;
    let schema: Option<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .order(__diesel_schema_migrations::version.desc())
        .first(&mut copy)
        .optional()?;
    let last: Option<i64> = events::table
        .select(events::sequence)
        .order(events::sequence.desc())
        .first(&mut copy)
        .optional()?;
    copy.batch_execute("PRAGMA journal_mode = DELETE")?;
    Ok(Snapshot {
        schema: schema.unwrap_or_default(),
        last_event: last.unwrap_or_default(),
    })
}
