//! What a new database gets: keys, an organization, a project with an active registry, an admin.

use super::{
    Access, organizations,
    principals::{self, Create, Created},
};
use crate::{
    auth::{
        key::TokenKey,
        link::LinkKey,
        secret::{Secret, random_bytes},
        token::KeyRing,
    },
    domain::{
        role::Role,
        time::{Clock, Time},
    },
    error::{Error, Result},
    seal::MasterKey,
    store::{
        Conn, Store,
        organizations::{self as rows, Organization, Project},
        people,
        principals::Scope,
        sealed,
    },
    tls::CertificateAuthority,
};

/// Names of the sealed values.
const TOKEN_KEY: &str = "token-key";
const AUTHORITY: &str = "certificate-authority";
const LINK_KEY: &str = "link-key";

/// What a server finds, or made, when it starts.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct Found {
    /// What signs and checks tokens.
    pub keys: KeyRing,
    /// What signs links.
    pub links: LinkKey,
    /// PEM of the private authority's certificate, and of its key.
    pub authority: (String, zeroize::Zeroizing<String>),
    /// The organization that was there first.
    pub organization: Organization,
    /// Its first project.
    pub project: Project,
    /// What nobody will see again, when this was the first start.
    pub new: Option<New>,
    /// Whether somebody can sign in to the web pages.
    pub has_people: bool,
}

/// What a first start makes.
#[expect(missing_debug_implementations, reason = "it holds secrets")]
pub struct New {
    /// The admin for Packer and Terraform, and its secret.
    pub admin: Created,
    /// What stands in the link by which the first person makes themself.
    pub invitation: Secret,
}

/// Finds everything, and makes what is not there. Of several nodes that start on one new database,
/// one makes it and the others find it.
///
/// # Errors
/// [`Error::Refused`] when the sealed values were made with another master key.
pub async fn prepare(store: &Store, clock: &Clock, master: &MasterKey) -> Result<Found> {
    let now = clock.now();
    let master = master.clone();
    store
        .write(move |conn| {
            // First, since it waits for another node that is at it.
            let keys = token_keys(conn, &master, now)?;
            let links = link_key(conn, &master, now)?;
            let authority = authority(conn, &master, now)?;
            let (organization, project, new) = match rows::first(conn)? {
                Some(organization) => {
                    let project = rows::projects(conn, &organization.id)?.into_iter().next();
                    let project =
                        project.ok_or_else(|| Error::refused("the organization has no project"))?;
                    (organization, project, None)
                }
                None => found(conn, now)?,
            };
            let has_people = people::any_in(conn, &organization.id)?;
            Ok(Found {
                keys,
                links,
                authority,
                organization,
                project,
                new,
                has_people,
            })
        })
        .await
}

/// The value of this name, unsealed; what `make` gives when there is none yet.
fn value(
    conn: &mut Conn,
    (master, name): (&MasterKey, &str),
    now: Time,
    make: impl FnOnce() -> Result<Vec<u8>>,
) -> Result<zeroize::Zeroizing<Vec<u8>>> {
    let stored = if let Some(stored) = sealed::get(conn, name)? {
        stored
    } else {
        let new = master.seal(name, &make()?).map_err(Error::internal)?;
        sealed::put_if_new(conn, name, &new, now)?
    };
    master.open(name, &stored).map_err(|error| {
        Error::refused(format!(
            "the secrets in this database were sealed with another master key ({error}); \
             give this server the master key of the installation"
        ))
    })
}

fn token_keys(conn: &mut Conn, master: &MasterKey, now: Time) -> Result<KeyRing> {
    let bytes = value(conn, (master, TOKEN_KEY), now, || {
        let key = TokenKey::generate().map_err(Error::internal)?;
        Ok(key.to_bytes().to_vec())
    })?;
    let bytes = <[u8; 32]>::try_from(bytes.as_slice()).map_err(Error::internal)?;
    Ok(KeyRing::new(TokenKey::from_bytes(&bytes), Vec::new()))
}

fn link_key(conn: &mut Conn, master: &MasterKey, now: Time) -> Result<LinkKey> {
    let bytes = value(conn, (master, LINK_KEY), now, || {
        let bytes = random_bytes::<32>().map_err(Error::internal)?;
        Ok(bytes.to_vec())
    })?;
    Ok(LinkKey::new(bytes))
}

fn authority(
    conn: &mut Conn,
    master: &MasterKey,
    now: Time,
) -> Result<(String, zeroize::Zeroizing<String>)> {
    let bytes = value(conn, (master, AUTHORITY), now, || {
        let at = chrono::DateTime::from_timestamp(now.seconds(), 0).unwrap_or_default();
        let (certificate, key) = CertificateAuthority::generate(at).map_err(Error::internal)?;
        serde_json::to_vec(&(certificate, key.as_str())).map_err(Error::internal)
    })?;
    let (certificate, key): (String, String) =
        serde_json::from_slice(&bytes).map_err(Error::internal)?;
    Ok((certificate, zeroize::Zeroizing::new(key)))
}

fn found(conn: &mut Conn, now: Time) -> Result<(Organization, Project, Option<New>)> {
    let (organization, project) = organizations::insert(conn, "default", now)?;
    let access = Access::system(project.clone());
    let admin = Create {
        name: "admin".into(),
        project_id: None,
        scope: Scope::Organization(organization.id.clone()),
        role: Role::Admin,
    };
    let admin = principals::insert(conn, &access, (&admin, None), now)?;
    let invitation = super::people::first(conn, &access, now)?;
    let new = New { admin, invitation };
    Ok((organization, project, Some(new)))
}
