//! Lists of a bucket's versions by whether they are complete.

use diesel::prelude::*;

use super::Version;
use crate::{
    domain::limit,
    error::Result,
    store::{
        Conn, Page, PageRequest, on,
        page::{Cursor, Listing, Sort},
        schema::versions,
    },
};

/// Lists of complete versions: the one that was completed last comes first.
pub const COMPLETE: Listing = Listing {
    sortable: &[],
    default: Sort {
        field: "number",
        descending: true,
    },
    size: limit::PAGE,
};

/// Lists of incomplete versions: the newest first.
pub const INCOMPLETE: Listing = Listing {
    sortable: &[],
    default: Sort {
        field: "sequence",
        descending: true,
    },
    size: limit::PAGE,
};

/// A page of a bucket's complete versions.
pub fn complete(conn: &mut Conn, bucket_id: &str, request: &PageRequest) -> Result<Page<Version>> {
    let from = request.cursor().map(Cursor::as_number).transpose()?;
    let rows: Vec<Version> = on!(conn, |c| {
        let mut query = versions::table
            .filter(versions::bucket_id.eq(bucket_id))
            .filter(versions::number.is_not_null())
            .select(Version::as_select())
            .limit(request.fetch())
            .into_boxed();
        query = match (from, request.descending()) {
            (Some(key), false) => query.filter(versions::number.gt(key)),
            (Some(key), true) => query.filter(versions::number.lt(key)),
            (None, _) => query,
        };
        query = if request.descending() {
            query.order(versions::number.desc())
        } else {
            query.order(versions::number.asc())
        };
        query.load(c)
    })?;
    Ok(Page::of(rows, request, |version| {
        Cursor::number(version.number.unwrap_or_default())
    }))
}

/// A page of a bucket's incomplete versions.
pub fn incomplete(
    conn: &mut Conn,
    bucket_id: &str,
    request: &PageRequest,
) -> Result<Page<Version>> {
    let from = request.cursor().map(Cursor::as_number).transpose()?;
    let rows: Vec<Version> = on!(conn, |c| {
        let mut query = versions::table
            .filter(versions::bucket_id.eq(bucket_id))
            .filter(versions::number.is_null())
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
