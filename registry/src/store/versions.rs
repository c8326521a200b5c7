//! Rows of versions.

mod lists;

use diesel::{
    dsl::{exists, not},
    prelude::*,
    sql_types::{Array, Text},
};
use serde::Serialize;

use super::{
    Conn, Page, PageRequest,
    condition::checked,
    conn::Driver,
    error::OrElse,
    on,
    page::{Cursor, Listing, Sort},
    prepared::{any_of, none_of, prepared},
    revocations::Outlook,
    sboms::{self, Below},
    schema::{buckets, revocations, versions},
};
use crate::{
    domain::{
        limit,
        time::Time,
        version::{self, TemplateType},
    },
    error::{Error, Kind, Result},
};

pub use lists::{COMPLETE, INCOMPLETE, complete, incomplete};

/// A version. It is complete when it has a number.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = versions)]
pub struct Version {
    /// ULID.
    pub id: String,
    /// The bucket it belongs to.
    pub bucket_id: String,
    /// The bucket's revision when it was created: its place in the list.
    pub sequence: i64,
    /// Unique in the bucket.
    pub fingerprint: String,
    /// Given at completion, and never to another version of the bucket.
    pub number: Option<i64>,
    /// The kind of its template.
    #[diesel(deserialize_as = String)]
    pub template_type: TemplateType,
    /// The name of who created it.
    pub author_id: String,
    /// When it was created.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
    /// When it, one of its builds or its revocation changed last.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
}

impl Version {
    /// `v<number>`, or `v0`.
    pub fn name(&self) -> String {
        version::name(self.number)
    }
}

/// Lists of versions: the newest first when nothing else is asked for.
pub const LISTING: Listing = Listing {
    sortable: &["created_at"],
    default: Sort {
        field: "created_at",
        descending: true,
    },
    size: limit::PAGE,
};

/// The version with this fingerprint, if there is one.
pub fn find(conn: &mut Conn, bucket_id: &str, fingerprint: &str) -> Result<Option<Version>> {
    let query = versions::table
        .filter(versions::bucket_id.eq(bucket_id))
        .filter(versions::fingerprint.eq(fingerprint));
    Ok(on!(conn, |c| query
        .select(Version::as_select())
        .first(c)
        .optional())?)
}

/// The version with this fingerprint; code 10 when there is none, which makes Packer create it.
pub fn get(conn: &mut Conn, bucket_id: &str, fingerprint: &str) -> Result<Version> {
    find(conn, bucket_id, fingerprint)?.ok_or_else(|| Error::NoVersion(fingerprint.to_owned()))
}

/// The version with this fingerprint; code 5 when there is none.
pub fn existing(conn: &mut Conn, bucket_id: &str, fingerprint: &str) -> Result<Version> {
    find(conn, bucket_id, fingerprint)?
        .ok_or_else(|| Error::Missing(Kind::Version, fingerprint.to_owned()))
}

/// The version with this id.
pub fn by_id(conn: &mut Conn, id: &str) -> Result<Version> {
    let query = versions::table.find(id);
    on!(conn, |c| query
        .select(Version::as_select())
        .first(c)
        .optional())
    .or_else_error(|| Error::Missing(Kind::Version, id.to_owned()))
}

/// Versions by id, as far as they exist, in no order.
pub fn by_ids(conn: &mut Conn, ids: &[String]) -> Result<Vec<Version>> {
    let query = versions::table.filter(any_of(versions::id, ids));
    Ok(on!(conn, |c| query.select(Version::as_select()).load(c))?)
}

/// Versions by id, as far as they exist in this project, in no order.
pub fn in_project(conn: &mut Conn, project_id: &str, ids: &[String]) -> Result<Vec<Version>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let query = versions::table
        .inner_join(buckets::table)
        .filter(checked(buckets::project_id).eq(project_id))
        .filter(any_of(versions::id, ids));
    Ok(on!(conn, |c| query.select(Version::as_select()).load(c))?)
}

/// The version with this number, if there is one.
pub fn by_number(conn: &mut Conn, bucket_id: &str, number: i64) -> Result<Option<Version>> {
    let query = versions::table
        .filter(versions::bucket_id.eq(bucket_id))
        .filter(versions::number.eq(number));
    Ok(on!(conn, |c| query
        .select(Version::as_select())
        .first(c)
        .optional())?)
}

/// A version to insert.
#[derive(Debug, Clone)]
pub struct NewVersion<'a> {
    /// ULID.
    pub id: &'a str,
    /// The bucket it belongs to.
    pub bucket_id: &'a str,
    /// The bucket's revision.
    pub sequence: i64,
    /// Unique in the bucket.
    pub fingerprint: &'a str,
    /// The kind of its template.
    pub template_type: TemplateType,
    /// The name of who creates it.
    pub author_id: &'a str,
    /// When.
    pub at: Time,
}

/// Inserts an incomplete version.
///
/// # Errors
/// [`Error::Exists`] when the fingerprint is taken.
pub fn insert(conn: &mut Conn, new: &NewVersion<'_>) -> Result<Version> {
    let values = (
        versions::id.eq(new.id),
        versions::bucket_id.eq(new.bucket_id),
        versions::sequence.eq(new.sequence),
        versions::fingerprint.eq(new.fingerprint),
        versions::template_type.eq(new.template_type.as_str()),
        versions::author_id.eq(new.author_id),
        versions::created_at.eq(new.at.micros()),
        versions::updated_at.eq(new.at.micros()),
    );
    let rows: Vec<Version> = on!(conn, |c| prepared!(
        diesel::insert_into(versions::table)
            .values(values)
            .on_conflict_do_nothing()
            .returning(Version::as_returning())
    )
    .get_results(c))?;
    rows.into_iter()
        .next()
        .ok_or_else(|| Error::Exists(Kind::Version, new.fingerprint.to_owned()))
}

/// Writes back the number and the time of the change; the bucket must be locked.
pub fn save(conn: &mut Conn, version: &Version) -> Result<()> {
    let set = (
        versions::number.eq(version.number),
        versions::updated_at.eq(version.updated_at.micros()),
    );
    let row = versions::table.find(&version.id);
    let update = diesel::update(row).set(set).returning(versions::id);
    on!(conn, |c| prepared!(update).get_results::<String>(c))?;
    Ok(())
}

/// Deletes a version and all below it. No channel may hold it.
pub fn delete(conn: &mut Conn, id: &str) -> Result<()> {
    let documents = sboms::documents_below(conn, Below::Version(id))?;
    on!(conn, |c| diesel::delete(versions::table.find(id))
        .execute(c))?;
    sboms::sweep(conn, &documents)
}

/// The newest complete version of a bucket whose revocation is not in force: what `latest` holds.
/// `outlook` says what will be different by then.
pub fn newest_valid(
    conn: &mut Conn,
    bucket_id: &str,
    now: Time,
    outlook: Outlook<'_>,
) -> Result<Option<Version>> {
    let in_force = revocations::table
        .filter(revocations::version_id.eq(versions::id))
        .filter(revocations::revoke_at.le(now.micros()))
        .filter(none_of(revocations::source_id, outlook.restored));
    let query = versions::table
        .filter(versions::bucket_id.eq(bucket_id))
        .filter(versions::number.is_not_null())
        .filter(none_of(versions::id, outlook.without))
        .filter(not(exists(in_force)))
        .order(versions::number.desc());
    Ok(on!(conn, |c| query
        .select(Version::as_select())
        .first(c)
        .optional())?)
}

/// A page of a bucket's versions.
pub fn list(conn: &mut Conn, bucket_id: &str, request: &PageRequest) -> Result<Page<Version>> {
    let from = request.cursor().map(Cursor::as_number).transpose()?;
    let rows: Vec<Version> = on!(conn, |c| {
        let mut query = versions::table
            .filter(versions::bucket_id.eq(bucket_id))
            .select(Version::as_select())
            .limit(request.fetch())
            .into_boxed();
        query = match (from, request.descending()) {
            (Some(key), false) => query.filter(versions::sequence.gt(key)),
            (Some(key), true) => query.filter(versions::sequence.lt(key)),
            (None, _) => query,
        };
        query = if request.descending() {
            query.order(versions::sequence.desc())
        } else {
            query.order(versions::sequence.asc())
        };
        query.load(c)
    })?;
    Ok(Page::of(rows, request, |version| {
        Cursor::number(version.sequence)
    }))
}

/// How to hold versions until the transaction ends. `SQLite` has one writer and needs none.
#[derive(Debug, Clone, Copy)]
pub enum Hold {
    /// They stay as they are: taken when one is recorded as a parent.
    Shared,
    /// Nobody records one as a parent: taken when they are revoked, or may come to inherit that.
    Exclusive,
}

/// Holds versions against others, so that a revocation and the recording of a child see each other.
pub fn hold(conn: &mut Conn, ids: &[String], how: Hold) -> Result<()> {
    if let Driver::Postgres(c) = conn.driver() {
        let how = match how {
            Hold::Shared => "FOR SHARE",
            Hold::Exclusive => "FOR NO KEY UPDATE",
        };
        let text = format!("SELECT 1 FROM versions WHERE id = ANY($1) ORDER BY id {how}");
        diesel::sql_query(text)
            .bind::<Array<Text>, _>(ids)
            .execute(c)?;
    }
    Ok(())
}
