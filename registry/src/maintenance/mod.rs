//! What an operator does to a whole registry from the command line: check it, back it up, put a backup
//! back, get in again. None of it asks a server, and all but restoring works while one runs.

pub mod archive;
pub mod backup;
pub mod restore;

use std::path::{Path, PathBuf};

use crate::{
    commands::Registry,
    config::{Database, Settings},
    domain::time::Clock,
    error::{Error, Result},
    ops::{
        check::{self, Finding},
        principals::Created,
        recovery,
    },
    store::Store,
};

/// Checks the database of these settings as it is; nothing is made or migrated.
///
/// # Errors
/// [`Error::Refused`] when there is none, or its schema is not that of this program.
pub async fn check(settings: &Settings) -> Result<Vec<Finding>> {
    if let Database::Sqlite(path) = &settings.database {
        require(path)?;
    }
    let store = Store::open_as_it_is(&settings.database)?;
    check::check(&store, Clock::System.now()).await
}

fn require(database: &Path) -> Result<()> {
    if database.is_file() {
        return Ok(());
    }
    let path = database.display();
    Err(Error::refused(format!(
        "there is no registry at {path}; name its folder with --data-dir, or its --database"
    )))
}

/// Gives an admin of the organization a new secret, makes one if none is left, and rewrites the `env`
/// file: the new secret, and the file.
///
/// # Errors
/// [`Error::Missing`] when nobody has this name, [`Error::Refused`] when that is no admin.
pub async fn recover(settings: &Settings, name: Option<String>) -> Result<(Created, PathBuf)> {
    let registry = Registry::open(settings).await?;
    let (store, found) = (&registry.store, &registry.found);
    let now = Clock::System.now();
    let created = recovery::recover(store, found.project.clone(), name, now).await?;
    let folder = &registry.folder;
    // One that is there knows the port that the server really has.
    let path = match folder.hand_over_env(&created)? {
        Some(path) => path,
        None => folder.write_env(folder.address(settings, settings.listen), found, &created)?,
    };
    Ok((created, path))
}
