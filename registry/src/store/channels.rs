//! Rows of channels and of their history.

use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::{BigInt, Nullable},
};
use serde::Serialize;

use super::{
    Conn, Page, PageRequest,
    condition::checked,
    error::OrElse,
    on,
    page::{Cursor, Listing, Sort},
    prepared::{any_of, none_of, prepared},
    revocations::Outlook,
    schema::{channel_history, channels, revocations, versions},
    versions::Version,
};
use crate::{
    domain::{channel::LATEST, limit, time::Time},
    error::{Error, Kind, Result},
};

/// A channel: a name that hands out one version of its bucket, or none.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = channels)]
pub struct Channel {
    /// ULID.
    pub id: String,
    /// The bucket it belongs to.
    pub bucket_id: String,
    /// Unique in the bucket.
    pub name: String,
    /// Whether the registry itself moves it.
    pub managed: bool,
    /// Whether only those who decide may see it.
    pub restricted: bool,
    /// The version it hands out.
    pub version_id: Option<String>,
    /// Who changed it last.
    pub author_id: String,
    /// When it was created.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
    /// When it changed last.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
}

fn missing(name: &str) -> Error {
    Error::Missing(Kind::Channel, name.to_owned())
}

/// The channel of this name.
pub fn find(conn: &mut Conn, bucket_id: &str, name: &str) -> Result<Channel> {
    let query = channels::table
        .filter(channels::bucket_id.eq(bucket_id))
        .filter(channels::name.eq(name));
    on!(conn, |c| query
        .select(Channel::as_select())
        .first(c)
        .optional())
    .or_else_error(|| missing(name))
}

/// The managed channel of a bucket.
pub fn latest(conn: &mut Conn, bucket_id: &str) -> Result<Channel> {
    find(conn, bucket_id, LATEST)
}

/// All channels of a bucket, by name.
pub fn list(conn: &mut Conn, bucket_id: &str) -> Result<Vec<Channel>> {
    let query = channels::table
        .filter(channels::bucket_id.eq(bucket_id))
        .order(channels::name);
    Ok(on!(conn, |c| query.select(Channel::as_select()).load(c))?)
}

/// The managed channels of some buckets, in no order.
pub fn latest_of(conn: &mut Conn, bucket_ids: &[String]) -> Result<Vec<Channel>> {
    let query = channels::table
        .filter(any_of(channels::bucket_id, bucket_ids))
        .filter(channels::name.eq(LATEST));
    Ok(on!(conn, |c| query.select(Channel::as_select()).load(c))?)
}

/// The channels that people manage and that hold this version, by name.
pub fn holding(conn: &mut Conn, version_id: &str) -> Result<Vec<Channel>> {
    let query = channels::table
        .filter(channels::version_id.eq(version_id))
        .filter(channels::managed.eq(false))
        .order(channels::name);
    Ok(on!(conn, |c| query.select(Channel::as_select()).load(c))?)
}

/// How many channels a bucket has.
pub fn count(conn: &mut Conn, bucket_id: &str) -> Result<i64> {
    let query = channels::table
        .filter(channels::bucket_id.eq(bucket_id))
        .count();
    Ok(on!(conn, |c| query.get_result(c))?)
}

/// Inserts a channel.
///
/// # Errors
/// [`Error::Exists`] when the name is taken.
pub fn insert(conn: &mut Conn, new: &Channel) -> Result<()> {
    let values = (
        channels::id.eq(&new.id),
        channels::bucket_id.eq(&new.bucket_id),
        channels::name.eq(&new.name),
        channels::managed.eq(new.managed),
        channels::restricted.eq(new.restricted),
        channels::version_id.eq(&new.version_id),
        channels::author_id.eq(&new.author_id),
        channels::created_at.eq(new.created_at.micros()),
        channels::updated_at.eq(new.updated_at.micros()),
    );
    let inserted = on!(conn, |c| diesel::insert_into(channels::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    if inserted == 0 {
        return Err(Error::Exists(Kind::Channel, new.name.clone()));
    }
    Ok(())
}

/// Writes back what can change; the bucket must be locked.
pub fn save(conn: &mut Conn, channel: &Channel) -> Result<()> {
    let set = (
        channels::restricted.eq(channel.restricted),
        channels::version_id.eq(&channel.version_id),
        channels::author_id.eq(&channel.author_id),
        channels::updated_at.eq(channel.updated_at.micros()),
    );
    let row = channels::table.find(&channel.id);
    let update = diesel::update(row).set(set).returning(channels::id);
    on!(conn, |c| prepared!(update).get_results::<String>(c))?;
    Ok(())
}

/// Deletes a channel and its history.
pub fn delete(conn: &mut Conn, id: &str) -> Result<()> {
    on!(conn, |c| diesel::delete(channels::table.find(id))
        .execute(c))?;
    Ok(())
}

/// One assignment of a channel. Empty version fields say that it was cleared.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = channel_history)]
pub struct Assignment {
    /// The channel.
    pub channel_id: String,
    /// The bucket's revision: its place in the list.
    pub sequence: i64,
    /// When.
    #[diesel(deserialize_as = i64)]
    pub assigned_at: Time,
    /// Who.
    pub author_id: String,
    /// The version, which may have been deleted since.
    pub version_id: String,
    /// Its name then.
    pub version_name: String,
    /// Its fingerprint.
    pub version_fingerprint: String,
    /// Which assignment of the channel it is, from 1.
    pub number: i64,
}

diesel::define_sql_function! {
    /// The number, or another where there is none.
    fn coalesce(number: Nullable<BigInt>, otherwise: BigInt) -> BigInt;
}

/// How many assignments a channel has had, as an expression.
#[diesel::dsl::auto_type(no_type_alias)]
fn assigned<'a>(channel_id: &'a str) -> _ {
    let newest = channel_history::table
        .filter(channel_history::channel_id.eq(channel_id))
        .order(channel_history::sequence.desc())
        .limit(1_i64)
        .select(channel_history::number);
    coalesce(newest.single_value(), 0_i64)
}

/// How many assignments a channel has had.
pub fn assignments(conn: &mut Conn, channel_id: &str) -> Result<i64> {
    Ok(on!(conn, |c| diesel::select(assigned(channel_id)).get_result(c))?)
}

/// Notes an assignment, under the next number whatever `row` says of it.
pub fn note(conn: &mut Conn, row: &Assignment) -> Result<()> {
    let values = (
        channel_history::channel_id.eq(&row.channel_id),
        channel_history::sequence.eq(row.sequence),
        channel_history::assigned_at.eq(row.assigned_at.micros()),
        channel_history::author_id.eq(&row.author_id),
        channel_history::version_id.eq(&row.version_id),
        channel_history::version_name.eq(&row.version_name),
        channel_history::version_fingerprint.eq(&row.version_fingerprint),
        channel_history::number.eq(assigned(&row.channel_id) + 1_i64),
    );
    // Two moves of one channel in one transaction are one move: the last holds.
    let key = (channel_history::channel_id, channel_history::sequence);
    let set = (
        channel_history::author_id.eq(&row.author_id),
        channel_history::version_id.eq(&row.version_id),
        channel_history::version_name.eq(&row.version_name),
        channel_history::version_fingerprint.eq(&row.version_fingerprint),
    );
    on!(conn, |c| prepared!(
        diesel::insert_into(channel_history::table)
            .values(values)
            .on_conflict(key)
            .do_update()
            .set(set)
            .returning(channel_history::channel_id)
    )
    .get_results::<String>(c))?;
    Ok(())
}

/// Lists of history: the newest first.
pub const HISTORY: Listing = Listing {
    sortable: &["assigned_at"],
    default: Sort {
        field: "assigned_at",
        descending: true,
    },
    size: limit::PAGE,
};

/// A page of a channel's history, and how many rows it has in all.
pub fn history(
    conn: &mut Conn,
    channel_id: &str,
    request: &PageRequest,
) -> Result<(Page<Assignment>, i64)> {
    let from = request.cursor().map(Cursor::as_number).transpose()?;
    let of = channel_history::table.filter(channel_history::channel_id.eq(channel_id));
    let count = assignments(conn, channel_id)?;
    let rows: Vec<Assignment> = on!(conn, |c| {
        let mut query = of
            .select(Assignment::as_select())
            .limit(request.fetch())
            .into_boxed();
        query = match (from, request.descending()) {
            (Some(key), false) => query.filter(channel_history::sequence.gt(key)),
            (Some(key), true) => query.filter(channel_history::sequence.lt(key)),
            (None, _) => query,
        };
        query = if request.descending() {
            query.order(channel_history::sequence.desc())
        } else {
            query.order(channel_history::sequence.asc())
        };
        query.load(c)
    })?;
    Ok((
        Page::of(rows, request, |row| Cursor::number(row.sequence)),
        count,
    ))
}

/// The version that the channel held last and that is complete and neither revoked nor scheduled to be;
/// `outlook` says what will be different by then.
pub fn last_good(
    conn: &mut Conn,
    channel_id: &str,
    outlook: Outlook<'_>,
) -> Result<Option<Version>> {
    let revoked = revocations::table
        .filter(revocations::version_id.eq(versions::id))
        .filter(none_of(revocations::source_id, outlook.restored));
    let query = channel_history::table
        .inner_join(versions::table.on(versions::id.eq(channel_history::version_id)))
        .filter(channel_history::channel_id.eq(channel_id))
        .filter(none_of(channel_history::version_id, outlook.without))
        .filter(versions::number.is_not_null())
        .filter(not(exists(revoked)))
        .order(channel_history::sequence.desc());
    Ok(on!(conn, |c| query
        .select(Version::as_select())
        .first(c)
        .optional())?)
}

/// Channels by id, as far as they exist in this project, in no order.
pub fn in_project(conn: &mut Conn, project_id: &str, ids: &[String]) -> Result<Vec<Channel>> {
    use super::schema::buckets;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = channels::table
        .inner_join(buckets::table)
        .filter(checked(buckets::project_id).eq(project_id))
        .filter(any_of(channels::id, ids));
    Ok(on!(conn, |c| query.select(Channel::as_select()).load(c))?)
}
