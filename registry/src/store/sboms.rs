//! Rows of SBOMs and of the documents that they name. Packages are in [`super::packages`].

use diesel::{
    dsl::{exists, not},
    prelude::*,
};
use serde::Serialize;

use super::{
    Conn,
    conn::Driver,
    error::OrElse,
    on,
    schema::{builds, sbom_documents as documents, sbom_packages as packages, sboms, versions},
};
use crate::{
    domain::{
        sbom::{Document, Format},
        time::Time,
    },
    error::{Error, Kind, Result},
};

/// An SBOM: a document under a name in a build.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Serialize)]
#[diesel(table_name = sboms)]
pub struct Sbom {
    /// ULID.
    pub id: String,
    /// The build it belongs to.
    pub build_id: String,
    /// The bucket's revision when it was first uploaded: its place in the list.
    pub sequence: i64,
    /// Unique in the build.
    pub name: String,
    /// What its document is written in.
    #[diesel(deserialize_as = String)]
    pub format: Format,
    /// SHA-256 of the document.
    pub document_digest: String,
    /// When it was first uploaded.
    #[diesel(deserialize_as = i64)]
    pub created_at: Time,
    /// When its document changed last.
    #[diesel(deserialize_as = i64)]
    pub updated_at: Time,
}

/// The SBOM of this name, if the build has one.
pub fn find(conn: &mut Conn, build_id: &str, name: &str) -> Result<Option<Sbom>> {
    let query = sboms::table
        .filter(sboms::build_id.eq(build_id))
        .filter(sboms::name.eq(name));
    Ok(on!(conn, |c| query
        .select(Sbom::as_select())
        .first(c)
        .optional())?)
}

/// The SBOM of this name.
pub fn get(conn: &mut Conn, build_id: &str, name: &str) -> Result<Sbom> {
    find(conn, build_id, name)?.ok_or_else(|| Error::Missing(Kind::Sbom, name.to_owned()))
}

/// The SBOMs of a build, in the order in which they came.
pub fn of_build(conn: &mut Conn, build_id: &str) -> Result<Vec<Sbom>> {
    let query = sboms::table
        .filter(sboms::build_id.eq(build_id))
        .order((sboms::sequence, sboms::id));
    Ok(on!(conn, |c| query.select(Sbom::as_select()).load(c))?)
}

/// How many SBOMs a build has.
pub fn count(conn: &mut Conn, build_id: &str) -> Result<i64> {
    let query = sboms::table.filter(sboms::build_id.eq(build_id)).count();
    Ok(on!(conn, |c| query.get_result(c))?)
}

/// Inserts an SBOM whose document is kept already; the bucket must be locked, and the name free.
pub fn insert(conn: &mut Conn, new: &Sbom) -> Result<()> {
    let values = (
        sboms::id.eq(&new.id),
        sboms::build_id.eq(&new.build_id),
        sboms::sequence.eq(new.sequence),
        sboms::name.eq(&new.name),
        sboms::format.eq(new.format.as_str()),
        sboms::document_digest.eq(&new.document_digest),
        sboms::created_at.eq(new.created_at.micros()),
        sboms::updated_at.eq(new.updated_at.micros()),
    );
    on!(conn, |c| diesel::insert_into(sboms::table)
        .values(values)
        .execute(c))?;
    Ok(())
}

/// Writes back which document an SBOM names; the bucket must be locked.
pub fn save(conn: &mut Conn, sbom: &Sbom) -> Result<()> {
    let set = (
        sboms::format.eq(sbom.format.as_str()),
        sboms::document_digest.eq(&sbom.document_digest),
        sboms::updated_at.eq(sbom.updated_at.micros()),
    );
    on!(conn, |c| diesel::update(sboms::table.find(&sbom.id))
        .set(set)
        .execute(c))?;
    Ok(())
}

/// The name of an SBOM, and its document as one zstd frame with the size of what is in it.
pub fn document(conn: &mut Conn, id: &str) -> Result<(String, Vec<u8>, i64)> {
    let query = sboms::table
        .inner_join(documents::table)
        .filter(sboms::id.eq(id))
        .select((sboms::name, documents::compressed, documents::size));
    on!(conn, |c| query.first(c).optional())
        .or_else_error(|| Error::Missing(Kind::Sbom, id.to_owned()))
}

/// Rows of one insert: `SQLite` takes 32,766 values a statement, `PostgreSQL` 65,535.
const CHUNK: usize = 1_000;

/// Keeps a document and its packages, unless it is kept already, and holds it against [`sweep`] until
/// the transaction ends.
pub fn keep(conn: &mut Conn, document: &Document, at: Time) -> Result<()> {
    let values = (
        documents::digest.eq(&document.digest),
        documents::size.eq(document.size),
        documents::compressed.eq(&document.compressed),
        documents::created_at.eq(at.micros()),
    );
    let new = on!(conn, |c| diesel::insert_into(documents::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    if new == 0 {
        return hold(conn, &document.digest);
    }
    let rows: Vec<_> = (0_i64..).zip(&document.packages).collect();
    for rows in rows.chunks(CHUNK) {
        let values: Vec<_> = rows
            .iter()
            .map(|(position, package)| {
                (
                    packages::document_digest.eq(&document.digest),
                    packages::position.eq(position),
                    packages::name.eq(&package.name),
                    packages::version.eq(&package.version),
                    packages::purl.eq(&package.purl),
                )
            })
            .collect();
        on!(conn, |c| diesel::insert_into(packages::table)
            .values(&values)
            .execute(c))?;
    }
    Ok(())
}

/// Holds a document that another transaction may be about to delete. `SQLite` has one writer and needs
/// nothing of the kind.
fn hold(conn: &mut Conn, digest: &str) -> Result<()> {
    if let Driver::Postgres(c) = conn.driver() {
        let query = documents::table.find(digest).select(documents::digest);
        let held: Option<String> = query.for_key_share().first(c).optional()?;
        held.ok_or(Error::Retry)?;
    }
    Ok(())
}

/// What SBOMs are below.
#[derive(Debug, Clone, Copy)]
pub(super) enum Below<'a> {
    /// A build.
    Build(&'a str),
    /// A version.
    Version(&'a str),
    /// A bucket.
    Bucket(&'a str),
}

/// The documents that the SBOMs below something name. Whoever deletes that asks before, and calls [`sweep`]
/// after.
pub(super) fn documents_below(conn: &mut Conn, place: Below<'_>) -> Result<Vec<String>> {
    let all = sboms::table
        .inner_join(builds::table.inner_join(versions::table))
        .select(sboms::document_digest)
        .distinct();
    Ok(match place {
        Below::Build(id) => {
            let here = all.filter(builds::id.eq(id));
            on!(conn, |c| here.load(c))?
        }
        Below::Version(id) => {
            let here = all.filter(versions::id.eq(id));
            on!(conn, |c| here.load(c))?
        }
        Below::Bucket(id) => {
            let here = all.filter(versions::bucket_id.eq(id));
            on!(conn, |c| here.load(c))?
        }
    })
}

/// Deletes those of the documents that no SBOM names any more.
pub fn sweep(conn: &mut Conn, digests: &[String]) -> Result<()> {
    let named = || sboms::table.filter(sboms::document_digest.eq(documents::digest));
    for digests in digests.chunks(CHUNK) {
        let unnamed = || {
            documents::table
                .filter(documents::digest.eq_any(digests))
                .filter(not(exists(named())))
        };
        // Locked first and judged again by a statement of its own: an upload may have come to name one.
        if let Driver::Postgres(c) = conn.driver() {
            let all = unnamed().select(documents::digest).order(documents::digest);
            let _: Vec<String> = all.for_update().load(c)?;
        }
        on!(conn, |c| diesel::delete(unnamed()).execute(c))?;
    }
    Ok(())
}
