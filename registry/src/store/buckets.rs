//! Rows of buckets, and the lock that every change below a bucket takes first.

use diesel::{dsl::case_when, prelude::*};
use serde::Serialize;

use super::{
    Conn, Page, PageRequest,
    error::OrElse,
    on,
    page::{Cursor, Listing, Sort},
    prepared::{any_of, prepared},
    sboms::{self, Below},
    schema::{bucket_parents, buckets},
};
use crate::{
    domain::{label::Labels, limit, time::Time},
    error::{Error, Kind, Result},
};

/// Platforms of a bucket's latest version, sorted; JSON in the database.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Platforms(pub Vec<String>);

impl TryFrom<String> for Platforms {
    type Error = serde_json::Error;

    fn try_from(json: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&json).map(Self)
    }
}

/// A bucket.
#[derive(Debug, Clone, Queryable, Selectable, Serialize)]
#[diesel(table_name = buckets)]
pub struct Bucket {
    /// ULID.
    pub id: String,
    /// The project it belongs to.
    pub project_id: String,
    /// Unique in the project.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Labels.
    #[diesel(deserialize_as = String)]
    pub labels: Labels,
    /// Platforms of the version that `latest` holds.
    #[diesel(deserialize_as = String)]
    pub platforms: Platforms,
    /// Goes up with every change below the bucket.
    pub revision: i64,
    /// The number last given to a version.
    pub last_number: i64,
    /// Versions that exist, complete or not.
    pub version_count: i64,
    /// When it was created.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
    /// When its own fields changed last.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
    /// When anything below it changed last; never goes back.
    #[diesel(deserialize_as = i64)]
    pub changed_at: Time,
}

/// Lists of buckets.
pub const LISTING: Listing = Listing {
    sortable: &["name", "created_at"],
    default: Sort {
        field: "name",
        descending: false,
    },
    size: limit::PAGE,
};

fn missing(name: &str) -> Error {
    Error::Missing(Kind::Bucket, name.to_owned())
}

/// The bucket of this name.
pub fn find(conn: &mut Conn, project_id: &str, name: &str) -> Result<Bucket> {
    let query = buckets::table
        .filter(buckets::project_id.eq(project_id))
        .filter(buckets::name.eq(name));
    on!(conn, |c| query
        .select(Bucket::as_select())
        .first(c)
        .optional())
    .or_else_error(|| missing(name))
}

/// The bucket of this name, locked until the transaction ends, its revision one up and `changed_at`
/// the time of the change: `now`, or a microsecond after the change before.
pub fn lock(conn: &mut Conn, project_id: &str, name: &str, now: Time) -> Result<Bucket> {
    let of = buckets::table
        .filter(buckets::project_id.eq(project_id))
        .filter(buckets::name.eq(name));
    let rows: Vec<Bucket> = on!(conn, |c| prepared!(
        diesel::update(of)
            .set((
                buckets::revision.eq(buckets::revision + 1),
                buckets::changed_at.eq(tick(now))
            ))
            .returning(Bucket::as_returning())
    )
    .get_results(c))?;
    rows.into_iter().next().ok_or_else(|| missing(name))
}

/// [`lock`] by id; `None` when the bucket is gone.
pub fn lock_id(conn: &mut Conn, id: &str, now: Time) -> Result<Option<Bucket>> {
    let rows: Vec<Bucket> = on!(conn, |c| prepared!(
        diesel::update(buckets::table.find(id))
            .set((
                buckets::revision.eq(buckets::revision + 1),
                buckets::changed_at.eq(tick(now))
            ))
            .returning(Bucket::as_returning())
    )
    .get_results(c))?;
    Ok(rows.into_iter().next())
}

/// The next moment of a bucket: time never stands still nor goes back below one.
#[diesel::dsl::auto_type(no_type_alias)]
fn tick(now: Time) -> _ {
    let micros: i64 = now.micros();
    case_when::<_, _, diesel::sql_types::BigInt>(
        buckets::changed_at.ge(micros),
        buckets::changed_at + 1_i64,
    )
    .otherwise(micros)
}

/// A bucket to insert.
#[derive(Debug, Clone)]
pub struct NewBucket {
    /// ULID.
    pub id: String,
    /// The project it belongs to.
    pub project_id: String,
    /// Unique in the project.
    pub name: String,
    /// Free text.
    pub description: String,
    /// Labels.
    pub labels: Labels,
}

/// Inserts a bucket with revision 1.
///
/// # Errors
/// [`Error::Exists`] when the name is taken.
pub fn insert(conn: &mut Conn, new: &NewBucket, now: Time) -> Result<Bucket> {
    let micros = now.micros();
    let values = (
        buckets::id.eq(&new.id),
        buckets::project_id.eq(&new.project_id),
        buckets::name.eq(&new.name),
        buckets::description.eq(&new.description),
        buckets::labels.eq(new.labels.to_json()),
        buckets::platforms.eq("[]"),
        buckets::revision.eq(1),
        buckets::last_number.eq(0),
        buckets::version_count.eq(0),
        buckets::created_at.eq(micros),
        buckets::updated_at.eq(micros),
        buckets::changed_at.eq(micros),
    );
    let rows: Vec<Bucket> = on!(conn, |c| diesel::insert_into(buckets::table)
        .values(values)
        .on_conflict_do_nothing()
        .returning(Bucket::as_returning())
        .get_results(c))?;
    rows.into_iter()
        .next()
        .ok_or_else(|| Error::Exists(Kind::Bucket, new.name.clone()))
}

/// Writes back the fields that change; the bucket must be locked.
pub fn save(conn: &mut Conn, bucket: &Bucket) -> Result<()> {
    let platforms = serde_json::to_string(&bucket.platforms).map_err(Error::internal)?;
    let set = (
        buckets::description.eq(&bucket.description),
        buckets::labels.eq(bucket.labels.to_json()),
        buckets::platforms.eq(platforms),
        buckets::last_number.eq(bucket.last_number),
        buckets::version_count.eq(bucket.version_count),
        buckets::updated_at.eq(bucket.updated_at.micros()),
    );
    let row = buckets::table.find(&bucket.id);
    let update = diesel::update(row).set(set).returning(buckets::id);
    on!(conn, |c| prepared!(update).get_results::<String>(c))?;
    Ok(())
}

/// Deletes a bucket and all below it.
pub fn delete(conn: &mut Conn, id: &str) -> Result<()> {
    let documents = sboms::documents_below(conn, Below::Bucket(id))?;
    on!(conn, |c| diesel::delete(buckets::table.find(id)).execute(c))?;
    let children = bucket_parents::table.filter(bucket_parents::parent_bucket_id.eq(id));
    on!(conn, |c| diesel::delete(children).execute(c))?;
    sboms::sweep(conn, &documents)
}

/// Whether the project has any bucket.
pub fn any(conn: &mut Conn, project_id: &str) -> Result<bool> {
    let query = buckets::table
        .filter(buckets::project_id.eq(project_id))
        .select(buckets::id)
        .limit(1);
    let found: Option<String> = on!(conn, |c| query.first(c).optional())?;
    Ok(found.is_some())
}

/// A page of a project's buckets.
pub fn list(conn: &mut Conn, project_id: &str, request: &PageRequest) -> Result<Page<Bucket>> {
    let by_name = request.sort.field == "name";
    let rows = if by_name {
        list_by_name(conn, project_id, request)?
    } else {
        list_by_age(conn, project_id, request)?
    };
    Ok(Page::of(rows, request, |bucket| {
        if by_name {
            Cursor::text(&bucket.name)
        } else {
            Cursor {
                key: bucket.created_at.micros().to_string(),
                id: bucket.id.clone(),
            }
        }
    }))
}

fn list_by_name(conn: &mut Conn, project_id: &str, request: &PageRequest) -> Result<Vec<Bucket>> {
    let rows = on!(conn, |c| {
        let mut query = buckets::table
            .filter(buckets::project_id.eq(project_id))
            .select(Bucket::as_select())
            .limit(request.fetch())
            .into_boxed();
        query = match (request.cursor(), request.descending()) {
            (Some(from), false) => query.filter(buckets::name.gt(&from.key)),
            (Some(from), true) => query.filter(buckets::name.lt(&from.key)),
            (None, _) => query,
        };
        query = if request.descending() {
            query.order(buckets::name.desc())
        } else {
            query.order(buckets::name.asc())
        };
        query.load(c)
    })?;
    Ok(rows)
}

fn list_by_age(conn: &mut Conn, project_id: &str, request: &PageRequest) -> Result<Vec<Bucket>> {
    let from = match request.cursor() {
        Some(cursor) => Some((cursor.as_number()?, cursor.id.as_str())),
        None => None,
    };
    let at = buckets::created_at;
    let rows = on!(conn, |c| {
        let mut query = buckets::table
            .filter(buckets::project_id.eq(project_id))
            .select(Bucket::as_select())
            .limit(request.fetch())
            .into_boxed();
        query = match (from, request.descending()) {
            (Some((key, id)), false) => query
                .filter(at.ge(key))
                .filter(at.gt(key).or(buckets::id.gt(id))),
            (Some((key, id)), true) => query
                .filter(at.le(key))
                .filter(at.lt(key).or(buckets::id.lt(id))),
            (None, _) => query,
        };
        query = if request.descending() {
            query.order((at.desc(), buckets::id.desc()))
        } else {
            query.order((at.asc(), buckets::id.asc()))
        };
        query.load(c)
    })?;
    Ok(rows)
}

/// The names of some buckets, by id.
pub fn names(conn: &mut Conn, ids: &[String]) -> Result<std::collections::HashMap<String, String>> {
    let query = buckets::table
        .filter(any_of(buckets::id, ids))
        .select((buckets::id, buckets::name));
    let rows: Vec<(String, String)> = on!(conn, |c| query.load(c))?;
    Ok(rows.into_iter().collect())
}

/// Buckets by id, as far as they exist, in no order.
pub fn by_ids(conn: &mut Conn, ids: &[String]) -> Result<Vec<Bucket>> {
    let query = buckets::table.filter(any_of(buckets::id, ids));
    Ok(on!(conn, |c| query.select(Bucket::as_select()).load(c))?)
}

/// The projects that these buckets belong to, each once.
pub fn projects_of(conn: &mut Conn, ids: &[&str]) -> Result<Vec<String>> {
    let query = buckets::table
        .filter(buckets::id.eq_any(ids))
        .select(buckets::project_id)
        .distinct();
    Ok(on!(conn, |c| query.load(c))?)
}

/// Buckets of a project by name, as far as they exist, in no order.
pub fn by_names(conn: &mut Conn, project_id: &str, names: &[String]) -> Result<Vec<Bucket>> {
    let query = buckets::table
        .filter(buckets::project_id.eq(project_id))
        .filter(any_of(buckets::name, names));
    Ok(on!(conn, |c| query.select(Bucket::as_select()).load(c))?)
}
