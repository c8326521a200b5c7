//! Puts a backup back into a data folder that no server uses.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{
    archive::{self, Manifest},
    backup::{DATABASE, Existing, MASTER_KEY},
};
use crate::{
    config::{Database, MasterKeySource, Settings},
    domain::time::Clock,
    error::{Error, Result},
    folder::{Folder, failed},
    ops::check::Finding,
    private_file, store,
};

/// What was put back.
#[derive(Debug)]
pub struct Restored {
    /// What the backup said of itself.
    pub manifest: Manifest,
    /// Where what was there before has gone.
    pub aside: Option<PathBuf>,
    /// What the check found; `None` when the schema is older and the next start has to migrate it first.
    pub findings: Option<Vec<Finding>>,
    /// What is left to be done, in words.
    pub advice: Vec<String>,
}

/// Puts a backup into the data folder of these settings.
///
/// # Errors
/// [`Error::Refused`] when a server runs, the folder is not empty, the backup is damaged or of a schema
/// newer than this program.
pub async fn restore(settings: &Settings, from: &Path, existing: Existing) -> Result<Restored> {
    let folder = &settings.data_dir;
    if settings.database != Database::Sqlite(folder.join(DATABASE)) {
        return Err(Error::refused(format!(
            "a backup is put back as a data folder with the database {DATABASE} in it: leave `database` \
             unset (a dump of PostgreSQL is put back with pg_restore)"
        )));
    }
    let manifest = archive::manifest(from)?;
    if !store::knows_schema(&manifest.schema)? {
        return Err(Error::refused(format!(
            "the backup has schema {}, made by version {}: this program ({}) is older; restore it with \
             that version or a later one",
            manifest.schema,
            manifest.version,
            env!("CARGO_PKG_VERSION"),
        )));
    }
    // The lock keeps a server out, and this out while one runs.
    let lock = Folder::of(settings).lock()?;
    if existing == Existing::Keep && !is_empty(folder)? {
        return Err(Error::refused(format!(
            "{} is not empty; --force moves what is in it aside",
            folder.display()
        )));
    }
    let new = aside(folder, "restoring");
    private_file::make_folder(&new).map_err(failed("make", &new))?;
    let extracted = archive::extract(from, &manifest, &new)
        .and_then(|()| private_file::sync_folder(&new).map_err(failed("write", &new)));
    if let Err(error) = extracted {
        drop(fs::remove_dir_all(&new));
        return Err(error);
    }
    let aside = exchange(folder, &new, existing)?;
    drop(lock);
    finish(settings, manifest, aside).await
}

async fn finish(
    settings: &Settings,
    manifest: Manifest,
    aside: Option<PathBuf>,
) -> Result<Restored> {
    let current = store::is_newest_schema(&manifest.schema)?;
    let findings = if current {
        Some(super::check(settings).await?)
    } else {
        None
    };
    let mut advice = Vec::new();
    let has_key = manifest
        .members
        .iter()
        .any(|member| member.name == MASTER_KEY);
    let own = settings.data_dir.join(MASTER_KEY);
    match &settings.master_key {
        MasterKeySource::File(path) if has_key && *path != own => advice.push(format!(
            "your settings look for the master key at {}; the one of the backup is {}",
            path.display(),
            own.display()
        )),
        MasterKeySource::File(_) if !has_key => advice.push(
            "the backup holds no master key: give the server that of the installation as a setting"
                .to_owned(),
        ),
        _ => {}
    }
    if !current {
        advice
            .push("its schema is older: the next start migrates it; run `check` after that".into());
    }
    Ok(Restored {
        manifest,
        aside,
        findings,
        advice,
    })
}

/// Puts the new folder in the place of the old one, which is moved aside when there is anything in it.
fn exchange(folder: &Path, new: &Path, existing: Existing) -> Result<Option<PathBuf>> {
    let mut old = None;
    if existing == Existing::Replace && !is_empty(folder)? {
        let away = aside(folder, "before-restore");
        fs::rename(folder, &away).map_err(failed("move aside", folder))?;
        old = Some(away);
    } else {
        // Nothing but the lock that was made just now.
        fs::remove_dir_all(folder).map_err(failed("replace", folder))?;
    }
    fs::rename(new, folder).map_err(failed("write", folder))?;
    private_file::sync_parent(folder).map_err(failed("write", folder))?;
    Ok(old)
}

/// Whether a folder holds nothing but the lock.
fn is_empty(folder: &Path) -> Result<bool> {
    let entries = fs::read_dir(folder).map_err(failed("read", folder))?;
    for entry in entries {
        let entry = entry.map_err(failed("read", folder))?;
        if entry.file_name() != "lock" {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A name beside a folder that nobody has yet.
fn aside(folder: &Path, why: &str) -> PathBuf {
    let now = Clock::System.now().micros();
    let name = folder.file_name().unwrap_or_default().display();
    folder.with_file_name(format!("{name}.{why}-{now}"))
}
