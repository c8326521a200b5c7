//! A backup of a registry on SQLite, also while a server writes: one private file, whole or not there.

use std::{
    fs,
    io::BufWriter,
    path::{Path, PathBuf},
};

use super::{
    archive::{self, Manifest, Member},
    require,
};
use crate::{
    config::{Database, MasterKeySource, Settings},
    domain::time::Clock,
    error::{Error, Result},
    folder::{Folder, failed},
    private_file,
    store::{self, Snapshot},
};

/// The names of what is backed up beside the database, in the data folder.
const FILES: [&str; 5] = ["env", "ca.pem", "ca-bundle.pem", "server.pem", "server.key"];
/// What database and key are called in a backup.
pub(super) const DATABASE: &str = "touchmark.db";
pub(super) const MASTER_KEY: &str = "master.key";

/// Whether a file that is there already is written over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and the command is refused.
    Keep,
    /// It goes (a folder is moved aside).
    Replace,
}

/// Copies the registry of these settings into one file: what is in it.
///
/// # Errors
/// [`Error::Refused`] on `PostgreSQL`, saying what to use, and when the file exists already.
pub fn backup(settings: &Settings, into: &Path, existing: Existing) -> Result<Manifest> {
    let Database::Sqlite(database) = &settings.database else {
        return Err(postgres(settings));
    };
    require(database)?;
    if existing == Existing::Keep && into.exists() {
        let path = into.display();
        return Err(Error::refused(format!(
            "{path} exists; --force replaces it"
        )));
    }
    let work = WorkFolder::beside(into)?;
    let created_at = chrono_text(Clock::System.now());
    let copy = work.0.join(DATABASE);
    let Snapshot { schema, last_event } = store::snapshot(database, &copy)?;
    let mut manifest = Manifest::new(schema, created_at, last_event);
    let mut files = vec![(Member::of(DATABASE, &copy)?, copy)];
    for (name, path) in beside(settings) {
        if path.is_file() {
            // A copy, since the server may renew it just now.
            let copy = work.0.join(name);
            fs::copy(&path, &copy).map_err(failed("read", &path))?;
            files.push((Member::of(name, &copy)?, copy));
        }
    }
    manifest.members = files.iter().map(|(member, _)| member.clone()).collect();
    let whole = work.0.join("archive");
    let written = private_file::open_new(&whole).and_then(|file| {
        let mut file = BufWriter::new(file);
        archive::write(&mut file, &manifest, &files)?;
        file.into_inner()
            .map_err(std::io::IntoInnerError::into_error)?
            .sync_all()
    });
    written.map_err(failed("write", &whole))?;
    publish(&whole, into, existing).map_err(failed("write", into))?;
    Ok(manifest)
}

/// Gives the archive its name, all at once.
fn publish(whole: &Path, into: &Path, existing: Existing) -> std::io::Result<()> {
    match existing {
        Existing::Replace => fs::rename(whole, into)?,
        // Refuses, unlike a rename, what somebody else has put there meanwhile.
        Existing::Keep => fs::hard_link(whole, into)?,
    }
    private_file::sync_parent(into)
}

/// What belongs into a backup beside the database.
fn beside(settings: &Settings) -> Vec<(&'static str, PathBuf)> {
    let folder = Folder::of(settings);
    let mut all: Vec<(&str, PathBuf)> = FILES.map(|name| (name, folder.file(name))).into();
    if let MasterKeySource::File(path) = &settings.master_key {
        all.push((MASTER_KEY, path.clone()));
    }
    all
}

/// When, as people and programs read it.
fn chrono_text(now: crate::domain::time::Time) -> String {
    touchmark_wire::time::Timestamp::from(now).to_string()
}

fn postgres(settings: &Settings) -> Error {
    let key = match &settings.master_key {
        MasterKeySource::Given(_) => "the master key of your settings".to_owned(),
        MasterKeySource::File(path) => format!("the master key {}", path.display()),
    };
    let folder = settings.data_dir.display();
    Error::refused(format!(
        "this registry is on PostgreSQL, which has its own backups: run\n\n    \
         pg_dump --format=custom --file=touchmark.dump '{}'\n\n\
         and restore with pg_restore. Keep with it, in a safe place, {key}: without it nobody reads the \
         secrets in that dump. The certificates and the env file in {folder} are made anew when they are lost",
        settings.database.masked(),
    ))
}

/// A private folder beside a file, gone when this is dropped.
struct WorkFolder(PathBuf);

impl WorkFolder {
    fn beside(file: &Path) -> Result<Self> {
        let mut salt = [0_u8; 8];
        getrandom::fill(&mut salt).map_err(Error::internal)?;
        let name = file
            .file_name()
            .ok_or_else(|| Error::refused(format!("{} is no name of a file", file.display())))?;
        let name = format!(".{}.{:016x}.tmp", name.display(), u64::from_le_bytes(salt));
        let path = file.with_file_name(name);
        private_file::make_new_folder(&path).map_err(failed("make", &path))?;
        Ok(Self(path))
    }
}

impl Drop for WorkFolder {
    fn drop(&mut self) {
        // What stays behind is private and named as temporary.
        drop(fs::remove_dir_all(&self.0));
    }
}
