//! Values that must be read back and that nobody may read from the database alone.

use diesel::prelude::*;

use super::{Conn, on, schema::sealed_values};
use crate::{domain::time::Time, error::Result};

/// The sealed value of this name.
pub fn get(conn: &mut Conn, name: &str) -> Result<Option<Vec<u8>>> {
    let query = sealed_values::table
        .find(name)
        .select(sealed_values::sealed);
    Ok(on!(conn, |c| query.first(c).optional())?)
}

/// Keeps a sealed value, unless there is one already: which one now stands.
pub fn put_if_new(conn: &mut Conn, name: &str, sealed: &[u8], now: Time) -> Result<Vec<u8>> {
    let values = (
        sealed_values::name.eq(name),
        sealed_values::sealed.eq(sealed),
        sealed_values::created_at.eq(now.micros()),
    );
    on!(conn, |c| diesel::insert_into(sealed_values::table)
        .values(values)
        .on_conflict_do_nothing()
        .execute(c))?;
    Ok(get(conn, name)?.unwrap_or_else(|| sealed.to_vec()))
}
