//! Rows of what people sign in with: passwords, links that set one, and sessions.

use diesel::prelude::*;

use super::{
    Conn, on,
    principals::Principal,
    schema::{invitations, passwords, principals, sessions},
};
use crate::{domain::time::Time, error::Result};

/// A link that sets a password.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = invitations)]
pub struct Invitation {
    /// SHA-256 of what is in the link.
    pub digest: Vec<u8>,
    /// The organization.
    pub organization_id: String,
    /// Whose password it sets; `None` when it makes the first admin.
    pub principal_id: Option<String>,
    /// When it was made, in microseconds since 1970.
    pub created_at: i64,
    /// When it ends, in microseconds since 1970.
    pub expires_at: i64,
}

/// Somebody who is signed in.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = sessions)]
pub struct Session {
    /// ULID.
    pub id: String,
    /// SHA-256 of the cookie.
    pub digest: Vec<u8>,
    /// Who.
    pub principal_id: String,
    /// Their generation when they signed in.
    pub generation: i64,
    /// Where they signed in from; empty when that is not known.
    pub address: String,
    /// Their browser, as it calls itself.
    pub agent: String,
    /// When they signed in, in microseconds since 1970.
    pub created_at: i64,
    /// When they were seen last, to the minute, in microseconds since 1970.
    pub used_at: i64,
    /// When it ends at the latest, in microseconds since 1970.
    pub expires_at: i64,
}

/// The person of this name, of whichever organization.
pub fn by_name(conn: &mut Conn, name: &str) -> Result<Option<Principal>> {
    let query = principals::table
        .filter(principals::name.eq(name))
        // Written out: SQLite uses the index of people for this text only.
        .filter(diesel::dsl::sql::<diesel::sql_types::Bool>("kind = 'user'"));
    Ok(on!(conn, |c| query
        .select(Principal::as_select())
        .first(c)
        .optional())?)
}

/// Whether an organization has a person who set a password.
pub fn any_in(conn: &mut Conn, organization_id: &str) -> Result<bool> {
    let query = principals::table
        .inner_join(passwords::table)
        .filter(principals::organization_id.eq(organization_id))
        .select(principals::id);
    let found: Option<String> = on!(conn, |c| query.first(c).optional())?;
    Ok(found.is_some())
}

/// The hash of a person's password.
pub fn password(conn: &mut Conn, principal_id: &str) -> Result<Option<String>> {
    let query = passwords::table.find(principal_id).select(passwords::hash);
    Ok(on!(conn, |c| query.first(c).optional())?)
}

/// Keeps the hash of a person's password in place of the one before.
pub fn set_password(conn: &mut Conn, principal_id: &str, hash: &str, now: Time) -> Result<()> {
    let set = (
        passwords::hash.eq(hash),
        passwords::changed_at.eq(now.micros()),
    );
    let values = (passwords::principal_id.eq(principal_id), set);
    on!(conn, |c| diesel::insert_into(passwords::table)
        .values(values)
        .on_conflict(passwords::principal_id)
        .do_update()
        .set(set)
        .execute(c))?;
    Ok(())
}

/// Keeps a link; the one before it for the same person, or for the first admin of the organization, is gone.
pub fn invite(conn: &mut Conn, new: &Invitation) -> Result<()> {
    match &new.principal_id {
        Some(id) => {
            let before = invitations::table.filter(invitations::principal_id.eq(id));
            on!(conn, |c| diesel::delete(before).execute(c))?;
        }
        None => uninvite_first(conn, &new.organization_id)?,
    }
    on!(conn, |c| diesel::insert_into(invitations::table)
        .values(new)
        .execute(c))?;
    Ok(())
}

/// Takes back the link that makes the first admin of an organization.
pub fn uninvite_first(conn: &mut Conn, organization_id: &str) -> Result<()> {
    let before = invitations::table
        .filter(invitations::organization_id.eq(organization_id))
        .filter(invitations::principal_id.is_null());
    on!(conn, |c| diesel::delete(before).execute(c))?;
    Ok(())
}

/// The link with this digest.
pub fn invitation(conn: &mut Conn, digest: &[u8]) -> Result<Option<Invitation>> {
    let query = invitations::table.find(digest);
    Ok(on!(conn, |c| query
        .select(Invitation::as_select())
        .first(c)
        .optional())?)
}

/// Whether the link was still there; now it is not.
pub fn use_up(conn: &mut Conn, digest: &[u8]) -> Result<bool> {
    let gone = on!(conn, |c| diesel::delete(invitations::table.find(digest))
        .execute(c))?;
    Ok(gone > 0)
}

/// Keeps a new session.
pub fn insert_session(conn: &mut Conn, new: &Session) -> Result<()> {
    on!(conn, |c| diesel::insert_into(sessions::table)
        .values(new)
        .execute(c))?;
    Ok(())
}

/// The session with this digest.
pub fn session(conn: &mut Conn, digest: &[u8]) -> Result<Option<Session>> {
    let query = sessions::table.filter(sessions::digest.eq(digest));
    Ok(on!(conn, |c| query
        .select(Session::as_select())
        .first(c)
        .optional())?)
}

/// All sessions of a person, the newest first.
pub fn sessions_of(conn: &mut Conn, principal_id: &str) -> Result<Vec<Session>> {
    let query = sessions::table
        .filter(sessions::principal_id.eq(principal_id))
        .order(sessions::id.desc());
    Ok(on!(conn, |c| query.select(Session::as_select()).load(c))?)
}

/// Notes that a session is in use.
pub fn used(conn: &mut Conn, id: &str, now: Time) -> Result<()> {
    let set = sessions::used_at.eq(now.micros());
    on!(conn, |c| diesel::update(sessions::table.find(id))
        .set(set)
        .execute(c))?;
    Ok(())
}

/// Ends a session of this person; whether there was one.
pub fn end(conn: &mut Conn, principal_id: &str, id: &str) -> Result<bool> {
    let session = sessions::table
        .find(id)
        .filter(sessions::principal_id.eq(principal_id));
    let gone = on!(conn, |c| diesel::delete(session).execute(c))?;
    Ok(gone > 0)
}

/// Ends all sessions of a person.
pub fn end_all(conn: &mut Conn, principal_id: &str) -> Result<()> {
    let all = sessions::table.filter(sessions::principal_id.eq(principal_id));
    on!(conn, |c| diesel::delete(all).execute(c))?;
    Ok(())
}

/// Notes when somebody was here last.
pub fn was_here(conn: &mut Conn, principal_id: &str, now: Time) -> Result<()> {
    let set = principals::last_used_at.eq(now.micros());
    on!(conn, |c| diesel::update(
        principals::table.find(principal_id)
    )
    .set(set)
    .execute(c))?;
    Ok(())
}
