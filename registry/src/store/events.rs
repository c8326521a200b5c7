//! The event log: one row for each changed resource, written in the transaction of the change.

use diesel::{dsl::exists, prelude::*};

use super::{
    Conn, Page, PageRequest,
    changes::{Change, Recorded},
    on,
    page::{Cursor, Listing, Sort},
    schema::{channels, events},
};
use crate::{
    domain::{limit, time::Time},
    error::Result,
};

/// An event to append.
#[derive(Debug, Clone)]
pub struct NewEvent<'a> {
    /// ULID.
    pub id: String,
    /// The organization in which it happened.
    pub organization_id: &'a str,
    /// The project, or empty.
    pub project_id: &'a str,
    /// The bucket, or empty.
    pub bucket_id: &'a str,
    /// The bucket's revision, or 0.
    pub revision: i64,
    /// `service`, `user` or `system`.
    pub actor_kind: &'a str,
    /// The principal's id, or empty.
    pub actor_id: &'a str,
    /// The principal's name.
    pub actor_name: &'a str,
    /// The request that changed it, or empty.
    pub request_id: &'a str,
    /// When.
    pub at: Time,
    /// What happened, such as `version.completed`.
    pub action: &'a str,
    /// The kind of resource, such as `version`.
    pub resource_kind: &'a str,
    /// Its id.
    pub resource_id: &'a str,
    /// Its name, so that a reader needs no look-up.
    pub resource_name: &'a str,
    /// Canonical JSON (RFC 8785).
    pub payload: String,
    /// SHA-256 of the payload, in hex.
    pub digest: String,
}

/// Appends an event.
pub fn append(conn: &mut Conn, new: &NewEvent<'_>) -> Result<()> {
    let values = (
        (
            events::id.eq(&new.id),
            events::organization_id.eq(new.organization_id),
            events::project_id.eq(new.project_id),
            events::bucket_id.eq(new.bucket_id),
            events::revision.eq(new.revision),
            events::actor_kind.eq(new.actor_kind),
            events::actor_id.eq(new.actor_id),
            events::actor_name.eq(new.actor_name),
        ),
        (
            events::request_id.eq(new.request_id),
            events::at.eq(new.at.micros()),
            events::action.eq(new.action),
            events::resource_kind.eq(new.resource_kind),
            events::resource_id.eq(new.resource_id),
            events::resource_name.eq(new.resource_name),
            events::payload.eq(&new.payload),
            events::digest.eq(&new.digest),
        ),
    );
    on!(conn, |c| diesel::insert_into(events::table)
        .values(values)
        .execute(c))?;
    conn.changes(Change::of(Recorded {
        project_id: new.project_id,
        bucket_id: new.bucket_id,
        action: new.action,
        kind: new.resource_kind,
        id: new.resource_id,
        payload: &new.payload,
    }));
    Ok(())
}

/// What an event changed, and its place in the log.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Its place in the log.
    pub sequence: i64,
    /// What it changed.
    pub change: Change,
}

/// The place of the newest event; 0 when there is none.
pub fn newest(conn: &mut Conn) -> Result<i64> {
    let query = events::table.select(diesel::dsl::max(events::sequence));
    let newest: Option<i64> = on!(conn, |c| query.first(c))?;
    Ok(newest.unwrap_or(0))
}

/// Which events are looked for.
#[derive(Debug, Clone, Copy)]
pub enum Places<'a> {
    /// Those after this.
    After(i64),
    /// Those at these.
    At(&'a [i64]),
}

/// Events that [`follow`] answers at most.
pub const FOLLOWED: i64 = 1_000;

/// What the events at some places in the log changed, oldest first, [`FOLLOWED`] at most.
pub fn follow(conn: &mut Conn, from: Places<'_>) -> Result<Vec<Followed>> {
    let rows: Vec<Entry> = on!(conn, |c| {
        let query = events::table.select(Entry::as_select()).into_boxed();
        let query = match from {
            Places::After(place) => query.filter(events::sequence.gt(place)),
            Places::At(places) => query.filter(events::sequence.eq_any(places)),
        };
        query.order(events::sequence).limit(FOLLOWED).load(c)
    })?;
    let followed = |row: Entry| Followed {
        sequence: row.sequence,
        change: Change::of(Recorded {
            project_id: &row.project_id,
            bucket_id: &row.bucket_id,
            action: &row.action,
            kind: &row.resource_kind,
            id: &row.resource_id,
            payload: &row.payload,
        }),
    };
    Ok(rows.into_iter().map(followed).collect())
}

/// An event as it stands in the log.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Event {
    /// Its place in the log.
    pub sequence: i64,
    /// The bucket, or empty.
    pub bucket_id: String,
    /// The bucket's revision, or 0.
    pub revision: i64,
    /// The principal's name.
    pub actor_name: String,
    /// What happened.
    pub action: String,
    /// The resource's name.
    pub resource_name: String,
    /// Canonical JSON.
    pub payload: String,
    /// SHA-256 of that, in hex.
    pub digest: String,
}

/// Events after a place in the log, oldest first, 1,000 at most. On `PostgreSQL` one that is committed
/// late may have a lower number than one already seen: see the table's comment.
pub fn after(conn: &mut Conn, sequence: i64) -> Result<Vec<Event>> {
    let query = events::table
        .filter(events::sequence.gt(sequence))
        .order(events::sequence)
        .select((
            events::sequence,
            events::bucket_id,
            events::revision,
            events::actor_name,
            events::action,
            events::resource_name,
            events::payload,
            events::digest,
        ))
        .limit(1_000);
    Ok(on!(conn, |c| query.load(c))?)
}

/// Lists of events.
pub const LISTING: Listing = Listing {
    sortable: &["sequence"],
    default: Sort {
        field: "sequence",
        descending: true,
    },
    size: limit::PAGE,
};

/// An event with everything that is shown of it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct Entry {
    /// Its place in the log.
    pub sequence: i64,
    /// ULID.
    pub id: String,
    /// The project, or empty.
    pub project_id: String,
    /// The bucket, or empty.
    pub bucket_id: String,
    /// The bucket's revision, or 0.
    pub revision: i64,
    /// `service`, `user` or `system`.
    pub actor_kind: String,
    /// The principal's id, or empty.
    pub actor_id: String,
    /// The principal's name.
    pub actor_name: String,
    /// The request, or empty.
    pub request_id: String,
    /// When.
    #[diesel(deserialize_as = i64)]
    pub at: Time,
    /// What happened.
    pub action: String,
    /// The kind of resource.
    pub resource_kind: String,
    /// Its id.
    pub resource_id: String,
    /// Its name.
    pub resource_name: String,
    /// Canonical JSON.
    pub payload: String,
    /// SHA-256 of that, in hex.
    pub digest: String,
}

/// What somebody may see of the log.
#[derive(Debug, Clone)]
pub struct Sight {
    /// The organization.
    pub organization_id: String,
    /// The project.
    pub project_id: String,
    /// Whether what concerns the whole organization is shown as well.
    pub organization: bool,
    /// Only these buckets are shown; `None` for all of the project.
    pub buckets: Option<Vec<String>>,
    /// Only these kinds of resources are shown; `None` for all.
    pub kinds: Option<&'static [&'static str]>,
    /// In which buckets restricted channels are shown; `None` for all.
    pub restricted: Option<Vec<String>>,
}

/// Which events are wanted; empty for all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The bucket's id.
    pub bucket_id: String,
    /// The kind of resource.
    pub resource_kind: String,
    /// Its id or its name.
    pub resource: String,
    /// The actor's id or name.
    pub actor: String,
    /// What happened.
    pub action: String,
    /// Not before this, in microseconds since 1970.
    pub since: Option<i64>,
    /// Before this.
    pub until: Option<i64>,
    /// Behind this place in the log; numbers begin with 1.
    pub after: i64,
}

/// A page of the events that are wanted and may be seen, by their place in the log. Every event that was
/// there when the first page was asked for is on one of the pages, once.
pub fn list(
    conn: &mut Conn,
    (sight, filter): (&Sight, &Filter),
    request: &PageRequest,
) -> Result<Page<Entry>> {
    let start = request.cursor().map(Cursor::as_number).transpose()?;
    let rows: Vec<Entry> = on!(conn, |c| {
        let mut query = events::table
            .filter(events::organization_id.eq(&sight.organization_id))
            .select(Entry::as_select())
            .limit(request.fetch())
            .into_boxed();
        query = if sight.organization {
            query.filter(events::project_id.eq_any([sight.project_id.as_str(), ""]))
        } else {
            query.filter(events::project_id.eq(&sight.project_id))
        };
        if let Some(ids) = &sight.buckets {
            query = query.filter(events::bucket_id.eq_any(ids));
        }
        if let Some(kinds) = sight.kinds {
            query = query.filter(events::resource_kind.eq_any(kinds));
        }
        if let Some(ids) = &sight.restricted {
            // What is known of a channel that is gone may have been restricted.
            let open = channels::table
                .filter(channels::id.eq(events::resource_id))
                .filter(channels::restricted.eq(false));
            query = query.filter(
                events::resource_kind
                    .ne("channel")
                    .or(events::bucket_id.eq_any(ids))
                    .or(exists(open)),
            );
        }
        if !filter.bucket_id.is_empty() {
            query = query.filter(events::bucket_id.eq(&filter.bucket_id));
        }
        if !filter.resource_kind.is_empty() {
            query = query.filter(events::resource_kind.eq(&filter.resource_kind));
        }
        if !filter.resource.is_empty() {
            let named = events::resource_name.eq(&filter.resource);
            query = query.filter(named.or(events::resource_id.eq(&filter.resource)));
        }
        if !filter.actor.is_empty() {
            let named = events::actor_name.eq(&filter.actor);
            query = query.filter(named.or(events::actor_id.eq(&filter.actor)));
        }
        if !filter.action.is_empty() {
            query = query.filter(events::action.eq(&filter.action));
        }
        query = query.filter(events::at.ge(filter.since.unwrap_or(i64::MIN)));
        query = query.filter(events::at.lt(filter.until.unwrap_or(i64::MAX)));
        query = query.filter(events::sequence.gt(filter.after));
        if request.descending() {
            let before = events::sequence.lt(start.unwrap_or(i64::MAX));
            query.filter(before).order(events::sequence.desc()).load(c)
        } else {
            let behind = events::sequence.gt(start.unwrap_or(0));
            query.filter(behind).order(events::sequence).load(c)
        }
    })?;
    Ok(Page::of(rows, request, |row| Cursor::number(row.sequence)))
}
