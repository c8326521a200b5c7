//! Rows of the packages that documents name, as lists of a build, of a bucket and of a project.

use std::collections::HashMap;

use diesel::{
    prelude::*,
    sql_query,
    sql_types::{BigInt, Text},
};

use super::{
    Conn, Page, PageRequest, on,
    page::{Cursor, Listing, Sort},
    schema::{buckets, builds, sbom_packages as packages, sboms, versions},
};
use crate::{
    domain::{
        limit,
        sbom::{Format, Package},
    },
    error::{Error, Result},
};

/// Lists of packages: by name.
pub const LISTING: Listing = Listing {
    sortable: &["name"],
    default: Sort {
        field: "name",
        descending: false,
    },
    size: limit::PAGE,
};

/// SBOMs that are shown of one package; the newest.
const SHOWN: i64 = 100;

/// What the packages of a list have in common.
#[derive(Debug, Clone)]
pub enum Scope {
    /// They are in this build.
    Build(String),
    /// They are in a build of this version.
    Version(String),
    /// They are in a build of this bucket, of whichever version.
    Bucket(String),
}

/// Which packages are wanted; empty fields match everything.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// The name, exactly.
    pub name: String,
    /// How the name begins.
    pub name_starts_with: String,
    /// The version, exactly.
    pub version: String,
    /// What is in the name somewhere, in whichever case. No index helps: for places that are small.
    pub name_contains: String,
}

/// Narrows a boxed query over packages.
macro_rules! narrowed {
    ($query:expr, $filter:expr) => {{
        let mut query = $query;
        let filter: &Filter = $filter;
        if !filter.name.is_empty() {
            query = query.filter(packages::name.eq(&filter.name));
        }
        if !filter.name_starts_with.is_empty() {
            query = query.filter(packages::name.ge(&filter.name_starts_with));
            if let Some(end) = end_of_prefix(&filter.name_starts_with) {
                query = query.filter(packages::name.lt(end));
            }
        }
        if !filter.version.is_empty() {
            query = query.filter(packages::version.eq(&filter.version));
        }
        if !filter.name_contains.is_empty() {
            let pattern = containing(&filter.name_contains);
            query = query.filter(lower(packages::name).like(pattern).escape('\\'));
        }
        query
    }};
}

diesel::define_sql_function! {
    /// A text in small letters.
    fn lower(text: Text) -> Text;
}

/// The pattern of all names that have a text in them.
fn containing(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.to_lowercase().chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// The least text that is greater than all that begin so, by code points; `None` when there is none.
pub(super) fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut text = prefix.to_owned();
    while let Some(last) = text.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            text.push(next);
            return Some(text);
        }
    }
    None
}

/// An SBOM that names a package.
#[derive(Debug, Clone)]
pub struct Source {
    /// ULID of the SBOM.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it is written in.
    pub format: Format,
}

/// A package and the SBOMs that name it, the newest first.
pub type PackageView = (Package, Vec<Source>);

/// A page of the packages of a build or a bucket, each once however many SBOMs name it.
pub fn list(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    request: &PageRequest,
) -> Result<Page<PackageView>> {
    let page = distinct(conn, scope, filter, request)?;
    let mut sources = sources(conn, scope, &page.rows)?;
    Ok(page.map(|package| {
        let sources = sources.remove(&package).unwrap_or_default();
        (package, sources)
    }))
}

fn distinct(
    conn: &mut Conn,
    scope: &Scope,
    filter: &Filter,
    request: &PageRequest,
) -> Result<Page<Package>> {
    let from = request.cursor().map(place_of).transpose()?;
    let rows: Vec<(String, String, String)> = on!(conn, |c| {
        let mut query = packages::table
            .select((packages::name, packages::version, packages::purl))
            .distinct()
            .limit(request.fetch())
            .into_boxed();
        query = match scope {
            Scope::Build(id) => {
                let named = sboms::table.filter(sboms::build_id.eq(id));
                query.filter(packages::document_digest.eq_any(named.select(sboms::document_digest)))
            }
            Scope::Version(id) => {
                let named = sboms::table
                    .inner_join(builds::table)
                    .filter(builds::version_id.eq(id));
                query.filter(packages::document_digest.eq_any(named.select(sboms::document_digest)))
            }
            Scope::Bucket(id) => {
                let named = sboms::table
                    .inner_join(builds::table.inner_join(versions::table))
                    .filter(versions::bucket_id.eq(id));
                query.filter(packages::document_digest.eq_any(named.select(sboms::document_digest)))
            }
        };
        query = narrowed!(query, filter);
        let (name, version, purl) = (packages::name, packages::version, packages::purl);
        query = match (&from, request.descending()) {
            (Some((n, v, p)), false) => query.filter(name.ge(n)).filter(
                name.gt(n)
                    .or(version.gt(v))
                    .or(version.eq(v).and(purl.gt(p))),
            ),
            (Some((n, v, p)), true) => query.filter(name.le(n)).filter(
                name.lt(n)
                    .or(version.lt(v))
                    .or(version.eq(v).and(purl.lt(p))),
            ),
            (None, _) => query,
        };
        query = if request.descending() {
            query.order((name.desc(), version.desc(), purl.desc()))
        } else {
            query.order((name.asc(), version.asc(), purl.asc()))
        };
        query.load(c)
    })?;
    Ok(Page::of(rows, request, |(name, version, purl)| Cursor {
        key: name.clone(),
        id: serde_json::json!([version, purl]).to_string(),
    })
    .map(|(name, version, purl)| Package {
        name,
        version,
        purl,
    }))
}

fn bad_token<E>(_: E) -> Error {
    Error::invalid("pagination", "is not a token of this list")
}

fn place_of(cursor: &Cursor) -> Result<(String, String, String)> {
    let (version, purl) = serde_json::from_str(&cursor.id).map_err(bad_token)?;
    Ok((cursor.key.clone(), version, purl))
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    version: String,
    #[diesel(sql_type = Text)]
    purl: String,
    #[diesel(sql_type = Text)]
    sbom_id: String,
    #[diesel(sql_type = Text)]
    sbom_name: String,
    #[diesel(sql_type = Text)]
    format: String,
}

/// The newest SBOMs of a build or a bucket that name some packages, which must be in order.
fn sources(
    conn: &mut Conn,
    scope: &Scope,
    of: &[Package],
) -> Result<HashMap<Package, Vec<Source>>> {
    let names = || of.iter().map(|package| &package.name);
    let (Some(least), Some(greatest)) = (names().min(), names().max()) else {
        return Ok(HashMap::new());
    };
    let (column, id) = match scope {
        Scope::Build(id) => ("builds.id", id),
        Scope::Version(id) => ("builds.version_id", id),
        Scope::Bucket(id) => ("versions.bucket_id", id),
    };
    let text = format!(
        "SELECT name, version, purl, sbom_id, sbom_name, format FROM (\
           SELECT p.name AS name, p.version AS version, p.purl AS purl, sboms.id AS sbom_id, \
             sboms.name AS sbom_name, sboms.format AS format, row_number() OVER \
             (PARTITION BY p.name, p.version, p.purl ORDER BY sboms.id DESC) AS place \
           FROM sboms JOIN builds ON builds.id = sboms.build_id \
             JOIN versions ON versions.id = builds.version_id \
             JOIN sbom_packages p ON p.document_digest = sboms.document_digest \
           WHERE {column} = $1 AND p.name >= $2 AND p.name <= $3) ranked \
         WHERE place <= $4 ORDER BY sbom_id DESC"
    );
    let rows: Vec<Named> = on!(conn, |c| sql_query(&text)
        .bind::<Text, _>(id)
        .bind::<Text, _>(least)
        .bind::<Text, _>(greatest)
        .bind::<BigInt, _>(SHOWN)
        .load(c))?;
    let mut sources: HashMap<Package, Vec<Source>> = HashMap::new();
    for row in rows {
        let package = Package {
            name: row.name,
            version: row.version,
            purl: row.purl,
        };
        sources.entry(package).or_default().push(Source {
            id: row.sbom_id,
            name: row.sbom_name,
            format: row.format.try_into()?,
        });
    }
    Ok(sources)
}

/// Where to look for packages; empty ids match everything.
#[derive(Debug, Clone)]
pub struct Place {
    /// The project.
    pub project_id: String,
    /// The bucket.
    pub bucket_id: String,
    /// The version of that.
    pub version_id: String,
}

/// A package, and an SBOM that names it.
#[derive(Debug, Clone, Queryable)]
pub struct Found {
    /// The package's name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its address across ecosystems.
    pub purl: String,
    /// Its place in the SBOM.
    pub position: i64,
    /// ULID of the SBOM.
    pub sbom_id: String,
    /// Its name.
    pub sbom_name: String,
    /// What it is written in.
    #[diesel(deserialize_as = String)]
    pub format: Format,
    /// ULID of the build that the SBOM belongs to.
    pub build_id: String,
    /// What that builds.
    pub component_type: String,
    /// Fingerprint of the version of that.
    pub fingerprint: String,
    /// Number of the version, if it is complete.
    pub number: Option<i64>,
    /// Name of the bucket of that.
    pub bucket: String,
}

/// A page of where packages are, in the order of their names: a row for each package of each SBOM.
pub fn find(
    conn: &mut Conn,
    place: &Place,
    filter: &Filter,
    request: &PageRequest,
) -> Result<Page<Found>> {
    let from = request.cursor().map(row_of).transpose()?;
    let rows: Vec<Found> = on!(conn, |c| {
        let mut query = packages::table
            .inner_join(sboms::table.on(sboms::document_digest.eq(packages::document_digest)))
            .inner_join(builds::table.on(builds::id.eq(sboms::build_id)))
            .inner_join(versions::table.on(versions::id.eq(builds::version_id)))
            .inner_join(buckets::table.on(buckets::id.eq(versions::bucket_id)))
            .filter(buckets::project_id.eq(&place.project_id))
            .select((
                packages::name,
                packages::version,
                packages::purl,
                packages::position,
                sboms::id,
                sboms::name,
                sboms::format,
                builds::id,
                builds::component_type,
                versions::fingerprint,
                versions::number,
                buckets::name,
            ))
            .limit(request.fetch())
            .into_boxed();
        if !place.bucket_id.is_empty() {
            query = query.filter(buckets::id.eq(&place.bucket_id));
        }
        if !place.version_id.is_empty() {
            query = query.filter(versions::id.eq(&place.version_id));
        }
        query = narrowed!(query, filter);
        let (name, id, position) = (packages::name, sboms::id, packages::position);
        query = match (&from, request.descending()) {
            (Some((n, i, p)), false) => query
                .filter(name.ge(n))
                .filter(name.gt(n).or(id.gt(i)).or(id.eq(i).and(position.gt(p)))),
            (Some((n, i, p)), true) => query
                .filter(name.le(n))
                .filter(name.lt(n).or(id.lt(i)).or(id.eq(i).and(position.lt(p)))),
            (None, _) => query,
        };
        query = if request.descending() {
            query.order((name.desc(), id.desc(), position.desc()))
        } else {
            query.order((name.asc(), id.asc(), position.asc()))
        };
        query.load(c)
    })?;
    Ok(Page::of(rows, request, |row| Cursor {
        key: row.name.clone(),
        id: serde_json::json!([row.sbom_id, row.position]).to_string(),
    }))
}

fn row_of(cursor: &Cursor) -> Result<(String, String, i64)> {
    let (sbom_id, position) = serde_json::from_str(&cursor.id).map_err(bad_token)?;
    Ok((cursor.key.clone(), sbom_id, position))
}

#[cfg(test)]
mod tests {
    use super::{containing, end_of_prefix};

    #[test]
    fn a_pattern_takes_what_is_asked_for_as_it_is() {
        assert_eq!(containing("OpenSSL_3%\\"), "%openssl\\_3\\%\\\\%");
    }

    #[test]
    fn a_prefix_is_a_range() {
        assert_eq!(end_of_prefix("zlib").as_deref(), Some("zlic"));
        assert_eq!(end_of_prefix("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(end_of_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(end_of_prefix("\u{10ffff}"), None);
    }
}
