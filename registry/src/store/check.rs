//! What a check of the whole database reads and nothing else does: the log place by place, and all rows
//! of what there is little of. Everything comes in pages, so that no size is too large.

use diesel::prelude::*;

use super::{
    Conn,
    channels::Assignment,
    conn::Driver,
    enforced_blocks::{Block, Link},
    on,
    organizations::{Organization, Project},
    principals::Principal,
    registries::Registry,
    run_tasks::RunTask,
    schema::{
        buckets, channel_history, enforced_block_links, enforced_blocks, events, organizations,
        principals, projects, registries, run_tasks, versions,
    },
    versions::Version,
};
use crate::error::{Error, Result};

/// Rows of a page; a payload may hold hundreds of kilobytes.
const PAGE: i64 = 200;

/// An event, as far as a check looks at it.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = events)]
pub struct Entry {
    /// Its place in the log.
    pub sequence: i64,
    /// The bucket's revision, or 0.
    pub revision: i64,
    /// When, in microseconds since 1970.
    pub at: i64,
    /// What happened.
    pub action: String,
    /// The kind of resource.
    pub resource_kind: String,
    /// Its id.
    pub resource_id: String,
    /// JSON.
    pub payload: String,
    /// SHA-256 of that, in hex.
    pub digest: String,
}

/// A page of the log of one bucket, or of what is outside of buckets (the empty id), after a place.
pub fn log(conn: &mut Conn, bucket_id: &str, after: i64) -> Result<Vec<Entry>> {
    let query = events::table
        .filter(events::bucket_id.eq(bucket_id))
        .filter(events::sequence.gt(after))
        .order(events::sequence)
        .limit(PAGE);
    Ok(on!(conn, |c| query.select(Entry::as_select()).load(c))?)
}

/// Events of one resource of a bucket, the oldest first.
pub fn log_of(conn: &mut Conn, bucket_id: &str, resource_id: &str) -> Result<Vec<Entry>> {
    let query = events::table
        .filter(events::bucket_id.eq(bucket_id))
        .filter(events::resource_id.eq(resource_id))
        .order(events::sequence);
    Ok(on!(conn, |c| query.select(Entry::as_select()).load(c))?)
}

/// The payload of one event.
pub fn payload(conn: &mut Conn, sequence: i64) -> Result<Option<String>> {
    let query = events::table.find(sequence).select(events::payload);
    Ok(on!(conn, |c| query.first(c).optional())?)
}

/// The payload of the last event outside of buckets that is about this kind of resource.
pub fn last_of_kind(conn: &mut Conn, kind: &str) -> Result<Option<String>> {
    let query = events::table
        .filter(events::bucket_id.eq(""))
        .filter(events::resource_kind.eq(kind))
        .order(events::sequence.desc())
        .select(events::payload);
    Ok(on!(conn, |c| query.first(c).optional())?)
}

/// The next id, in their order, of a bucket that exists or that the log knows.
pub fn next_bucket(conn: &mut Conn, after: &str) -> Result<Option<String>> {
    let row = buckets::table
        .filter(buckets::id.gt(after))
        .order(buckets::id)
        .select(buckets::id);
    let known = events::table
        .filter(events::bucket_id.gt(after))
        .order(events::bucket_id)
        .select(events::bucket_id);
    let row: Option<String> = on!(conn, |c| row.first(c).optional())?;
    let known: Option<String> = on!(conn, |c| known.first(c).optional())?;
    Ok(row.into_iter().chain(known).min())
}

/// A page of a bucket's versions, in the order of their creation.
pub fn versions(conn: &mut Conn, bucket_id: &str, after: i64) -> Result<Vec<Version>> {
    let query = versions::table
        .filter(versions::bucket_id.eq(bucket_id))
        .filter(versions::sequence.gt(after))
        .order(versions::sequence)
        .limit(PAGE);
    Ok(on!(conn, |c| query.select(Version::as_select()).load(c))?)
}

/// A page of a channel's history, the oldest first.
pub fn history(conn: &mut Conn, channel_id: &str, after: i64) -> Result<Vec<Assignment>> {
    let query = channel_history::table
        .filter(channel_history::channel_id.eq(channel_id))
        .filter(channel_history::sequence.gt(after))
        .order(channel_history::sequence)
        .limit(PAGE);
    Ok(on!(conn, |c| query
        .select(Assignment::as_select())
        .load(c))?)
}

/// All run tasks.
pub fn run_tasks(conn: &mut Conn) -> Result<Vec<RunTask>> {
    let query = run_tasks::table;
    Ok(on!(conn, |c| query.select(RunTask::as_select()).load(c))?)
}

/// All enforced blocks.
pub fn blocks(conn: &mut Conn) -> Result<Vec<Block>> {
    let query = enforced_blocks::table;
    Ok(on!(conn, |c| query.select(Block::as_select()).load(c))?)
}

/// The links of a bucket to versions of enforced blocks.
pub fn links(conn: &mut Conn, bucket_id: &str) -> Result<Vec<Link>> {
    let query = enforced_block_links::table.filter(enforced_block_links::bucket_id.eq(bucket_id));
    Ok(on!(conn, |c| query.select(Link::as_select()).load(c))?)
}

/// All organizations.
pub fn organizations(conn: &mut Conn) -> Result<Vec<Organization>> {
    let query = organizations::table;
    Ok(on!(conn, |c| query
        .select(Organization::as_select())
        .load(c))?)
}

/// All projects.
pub fn projects(conn: &mut Conn) -> Result<Vec<Project>> {
    let query = projects::table;
    Ok(on!(conn, |c| query.select(Project::as_select()).load(c))?)
}

/// All registries.
pub fn registries(conn: &mut Conn) -> Result<Vec<Registry>> {
    let query = registries::table;
    Ok(on!(conn, |c| query.select(Registry::as_select()).load(c))?)
}

/// All principals.
pub fn principals(conn: &mut Conn) -> Result<Vec<Principal>> {
    let query = principals::table;
    Ok(on!(conn, |c| query.select(Principal::as_select()).load(c))?)
}

#[derive(QueryableByName)]
struct Integrity {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

#[derive(QueryableByName)]
struct Dangling {
    #[diesel(sql_type = diesel::sql_types::Text)]
    table: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    parent: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// What the database itself finds wrong with its file: nothing on `PostgreSQL`, which has no such look.
pub fn flaws(conn: &mut Conn) -> Result<Vec<String>> {
    let Driver::Sqlite(c) = conn.driver() else {
        return Ok(Vec::new());
    };
    let pages: Vec<Integrity> = diesel::sql_query("PRAGMA integrity_check")
        .load(c)
        .map_err(Error::from)?;
    let dangling: Vec<Dangling> = diesel::sql_query(
        "SELECT \"table\", \"parent\", COUNT(*) AS count FROM pragma_foreign_key_check \
         GROUP BY \"table\", \"parent\"",
    )
    .load(c)
    .map_err(Error::from)?;
    let pages = pages.into_iter().map(|row| row.integrity_check);
    let dangling = dangling.into_iter().map(|row| {
        let Dangling {
            table,
            parent,
            count,
        } = row;
        format!("{count} rows of {table} refer to rows of {parent} that do not exist")
    });
    Ok(pages.filter(|text| text != "ok").chain(dangling).collect())
}
