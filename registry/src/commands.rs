//! What the command line does to a registry without asking a server: it works on the database, also
//! while a server runs.

use crate::{
    config::Settings,
    domain::{role::Role, time::Clock},
    error::Result,
    folder::Folder,
    ops::{
        Access,
        first_start::{self, Found},
        principals::{self, Create, Created, Old},
    },
    store::{Store, principals::Scope},
};

/// Opens the registry of these settings.
async fn open(settings: &Settings) -> Result<(Folder, Store, Found)> {
    let folder = Folder::of(settings);
    folder.make()?;
    let master = Folder::master_key(settings)?;
    let store = Store::open(&settings.database)?;
    let found = first_start::prepare(&store, &Clock::System, &master).await?;
    if let Some(admin) = &found.admin {
        folder.write_env(folder.address(settings, settings.listen), &found, admin)?;
    }
    Ok((folder, store, found))
}

/// Creates a service principal with a role in the first project.
///
/// # Errors
/// [`crate::error::Error::Exists`] when the name is taken.
pub async fn create_principal(settings: &Settings, name: &str, role: &str) -> Result<String> {
    let role = Role::try_from(role.to_owned())?;
    let (_, store, found) = open(settings).await?;
    let create = Create {
        name: name.to_owned(),
        project_id: Some(found.project.id.clone()),
        scope: Scope::Project(found.project.id.clone()),
        role,
    };
    let access = Access::system(found.project);
    let created = principals::create(&store, access, create, Clock::System.now()).await?;
    Ok(credentials(&created))
}

/// Gives a principal a new secret. An `env` file of this principal gets it as well; when there is none, it
/// is written.
///
/// # Errors
/// [`crate::error::Error::Missing`] when there is no such principal.
pub async fn rotate_principal(settings: &Settings, name: &str, old: Old) -> Result<String> {
    let (folder, store, found) = open(settings).await?;
    let access = Access::system(found.project.clone());
    let change = (name.to_owned(), old);
    let created = principals::rotate(&store, access, change, Clock::System.now()).await?;
    let text = credentials(&created);
    if folder.renew_secret(&created)?.is_some() {
        return Ok(text);
    }
    let address = folder.address(settings, settings.listen);
    let path = folder.write_env(address, &found, &created)?;
    Ok(format!("{text}# Written to {} as well.\n", path.display()))
}

/// The credentials as lines for a shell. They are shown once.
fn credentials(created: &Created) -> String {
    format!(
        "export HCP_CLIENT_ID='{}'\nexport HCP_CLIENT_SECRET='{}'\n",
        created.principal.client_id,
        created.secret.reveal(),
    )
}
