//! Links that set a password, once.

use std::{sync::Arc, time::Duration};

use super::{Origin, Started, sessions::begin};
use crate::{
    auth::{
        password,
        secret::{self, Secret},
    },
    domain::{name, role::Role, time::Time},
    error::{Error, Kind, Result},
    ops::{
        Access,
        principals::{Create, check_creates, check_manages, insert_bare, record},
    },
    state::State,
    store::{
        Conn, Store, organizations,
        people::{self as rows, Invitation},
        principals::{self, Principal, Scope},
    },
};

/// For how long a link works.
const LIFETIME: Duration = Duration::from_hours(24 * 3);
/// Bytes of the name of a person at most: it stands on every page.
const LONGEST_NAME: usize = 64;

/// Creates a person with a role, and the link by which they set their password.
///
/// # Errors
/// [`Error::Exists`] when the name is taken, in any organization: people sign in by name alone;
/// [`Error::Forbidden`] for a role that the caller may not give.
pub async fn create(
    store: &Store,
    access: Arc<Access>,
    create: Create,
    now: Time,
) -> Result<(Principal, Secret)> {
    check_name(&create.name)?;
    store
        .write(move |conn| {
            check_creates(conn, &access, &create)?;
            let principal = person(conn, &access, &create, now)?;
            let link = link(conn, &access, Some(&principal), now)?;
            Ok((principal, link))
        })
        .await
}

fn check_name(name: &str) -> Result<()> {
    name::check("name", name)?;
    name::check_text("name", name, LONGEST_NAME)
}

fn person(conn: &mut Conn, access: &Access, create: &Create, now: Time) -> Result<Principal> {
    let place = (create.project_id.clone(), create.name.clone());
    let principal = insert_bare(conn, access, ("user", place), now)?;
    principals::bind(conn, &principal.id, &create.scope, create.role)?;
    record(conn, access, "principal.created", &principal, now)?;
    Ok(principal)
}

/// A new link for a person; the one before it does not work any more. Their password goes on until the link
/// is used.
///
/// # Errors
/// [`Error::Missing`] when there is nobody of this name, [`Error::Refused`] for a service.
pub async fn invite(
    store: &Store,
    access: Arc<Access>,
    name: String,
    now: Time,
) -> Result<(Principal, Secret)> {
    store
        .write(move |conn| {
            let principal = principals::by_name(conn, &access.project.organization_id, &name)?;
            check_manages(conn, &access, &principal)?;
            if principal.kind != "user" {
                return Err(Error::refused(format!(
                    "{name} is a service, which signs in with a client id and a secret: create a user"
                )));
            }
            let link = link(conn, &access, Some(&principal), now)?;
            record(conn, &access, "principal.invited", &principal, now)?;
            Ok((principal, link))
        })
        .await
}

/// The link by which the first admin of a new organization makes themself, name and password.
pub fn first(conn: &mut Conn, access: &Access, now: Time) -> Result<Secret> {
    link(conn, access, None, now)
}

fn link(
    conn: &mut Conn,
    access: &Access,
    principal: Option<&Principal>,
    now: Time,
) -> Result<Secret> {
    let secret = Secret::for_link().map_err(Error::internal)?;
    let invitation = Invitation {
        digest: secret.hash().to_vec(),
        organization_id: access.project.organization_id.clone(),
        principal_id: principal.map(|principal| principal.id.clone()),
        created_at: now.micros(),
        expires_at: now.after(LIFETIME).micros(),
    };
    rows::invite(conn, &invitation)?;
    Ok(secret)
}

/// Who a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invitee {
    /// The first admin of an organization, who chooses a name.
    First,
    /// A person with this name.
    Person(String),
}

/// Who a link is for; `None` when it does not work (any more).
pub async fn invitee(state: &State, link: &str) -> Result<Option<Invitee>> {
    let (digest, now) = (secret::hash(link), state.clock.now());
    state
        .store
        .read(move |conn| {
            let Some((_, person)) = open(conn, &digest, now)? else {
                return Ok(None);
            };
            Ok(Some(match person {
                Some(person) => Invitee::Person(person.name),
                None => Invitee::First,
            }))
        })
        .await
}

/// An invitation that can be used, and the person whom it is for.
fn open(
    conn: &mut Conn,
    digest: &[u8],
    now: Time,
) -> Result<Option<(Invitation, Option<Principal>)>> {
    let invitation = rows::invitation(conn, digest)?;
    let Some(invitation) = invitation.filter(|found| now.micros() < found.expires_at) else {
        return Ok(None);
    };
    let person = match &invitation.principal_id {
        Some(id) => principals::by_id(conn, id)?,
        None => None,
    };
    let usable = person.as_ref().is_none_or(|person| !person.disabled);
    Ok(usable.then_some((invitation, person)))
}

/// What somebody who was invited chose.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The name; looked at for the first admin only.
    pub name: String,
    /// The password.
    pub password: Secret,
}

/// Uses a link: sets the password, ends the sessions there were, and signs in.
///
/// # Errors
/// [`Error::Absent`] for a link that does not work, [`Error::Invalid`] for a name or password that does not
/// do, [`Error::Exists`] when the name is taken.
pub async fn accept(state: &State, link: &str, choice: Choice, origin: Origin) -> Result<Started> {
    let invitee = invitee(state, link).await?.ok_or_else(gone)?;
    let name = match invitee {
        Invitee::Person(name) => name,
        Invitee::First => {
            check_name(&choice.name)?;
            choice.name
        }
    };
    password::check(&choice.password, &name)?;
    let hash = state.passwords.hash(choice.password).await?;
    let (digest, now) = (secret::hash(link), state.clock.now());
    state
        .store
        .write(move |conn| {
            let (invitation, person) = open(conn, &digest, now)?.ok_or_else(gone)?;
            if !rows::use_up(conn, &digest)? {
                return Err(gone());
            }
            let person = match person {
                Some(person) => person,
                None => admin(conn, &invitation.organization_id, &name, now)?,
            };
            rows::set_password(conn, &person.id, &hash, now)?;
            rows::end_all(conn, &person.id)?;
            let access = origin.access(conn, &person)?;
            record(conn, &access, "principal.password_set", &person, now)?;
            begin(conn, &person, &origin, now)
        })
        .await
}

fn gone() -> Error {
    Error::Absent("this link has been used, or is too old: ask an admin for a new one".into())
}

/// The first admin of an organization.
fn admin(conn: &mut Conn, organization_id: &str, name: &str, now: Time) -> Result<Principal> {
    let project = organizations::projects(conn, organization_id)?
        .into_iter()
        .next();
    let project =
        project.ok_or_else(|| Error::Missing(Kind::Organization, organization_id.to_owned()))?;
    let create = Create {
        name: name.to_owned(),
        project_id: None,
        scope: Scope::Organization(organization_id.to_owned()),
        role: Role::Admin,
    };
    person(conn, &Access::system(project), &create, now)
}
