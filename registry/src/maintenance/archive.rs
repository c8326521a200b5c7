//! The one file that a backup is: a tar archive whose first member says what the others are.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    error::{Error, Result},
    folder::failed,
    private_file,
};

/// The name of the first member.
const MANIFEST: &str = "manifest.json";
/// The form of archives; a program refuses later ones.
const FORMAT: u32 = 1;
/// A manifest is small: what is longer is none.
const LONGEST: u64 = 1 << 20;

/// What a backup holds and when it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the archive.
    pub format: u32,
    /// The version of the program that made it.
    pub version: String,
    /// The last migration of the database.
    pub schema: String,
    /// When it was begun (RFC 3339).
    pub created_at: String,
    /// The sequence number of the last event in it; 0 for none.
    pub last_event: i64,
    /// All other members, in their order.
    pub members: Vec<Member>,
}

/// A file of the data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name in the data folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in hex.
    pub sha256: String,
}

impl Manifest {
    /// A manifest of this program without members.
    pub(super) fn new(schema: String, created_at: String, last_event: i64) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema,
            created_at,
            last_event,
            members: Vec::new(),
        }
    }
}

/// Copies everything and gives its length and digest.
fn copy(from: &mut impl Read, into: &mut impl Write) -> io::Result<(u64, String)> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    let mut bytes = 0_u64;
    loop {
        let count = from.read(&mut buffer)?;
        let Some(read @ [_, ..]) = buffer.get(..count) else {
            break;
        };
        hasher.update(read);
        into.write_all(read)?;
        bytes += u64::try_from(read.len()).unwrap_or_default();
    }
    Ok((bytes, crate::ops::hex(&hasher.finalize())))
}

impl Member {
    /// Looks at a file that is to become a member.
    pub(super) fn of(name: &str, path: &Path) -> Result<Self> {
        let mut file = File::open(path).map_err(failed("read", path))?;
        let copied = copy(&mut file, &mut io::sink()).map_err(failed("read", path))?;
        let (bytes, sha256) = copied;
        Ok(Self {
            name: name.to_owned(),
            bytes,
            sha256,
        })
    }
}

/// Writes an archive of files that do not change meanwhile. Fails with the error of the file system.
pub(super) fn write(
    into: &mut impl Write,
    manifest: &Manifest,
    files: &[(Member, std::path::PathBuf)],
) -> io::Result<()> {
    let mut archive = tar::Builder::new(into);
    let text = serde_json::to_vec_pretty(manifest).map_err(io::Error::other)?;
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    archive.append_data(&mut header(length), MANIFEST, text.as_slice())?;
    for (member, path) in files {
        let file = File::open(path)?.take(member.bytes);
        archive.append_data(&mut header(member.bytes), &member.name, file)?;
    }
    archive.finish()
}

fn header(bytes: u64) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes);
    header.set_mode(0o600);
    header.set_entry_type(tar::EntryType::Regular);
    header
}

/// Reads the manifest of an archive.
///
/// # Errors
/// [`Error::Refused`] when it is no archive of ours, or one of a later form.
pub fn manifest(path: &Path) -> Result<Manifest> {
    let file = File::open(path).map_err(failed("read", path))?;
    let mut archive = tar::Archive::new(file);
    let not_ours = || {
        let path = path.display();
        Error::refused(format!(
            "{path} is no backup of this program, or a part of one"
        ))
    };
    let mut entries = archive.entries().map_err(|_| not_ours())?;
    let first = entries
        .next()
        .ok_or_else(not_ours)?
        .map_err(|_| not_ours())?;
    if first.path().ok().as_deref() != Some(Path::new(MANIFEST)) {
        return Err(not_ours());
    }
    let found: serde_json::Value =
        serde_json::from_reader(first.take(LONGEST)).map_err(|_| not_ours())?;
    if found.get("format") != Some(&FORMAT.into()) {
        return Err(Error::refused(format!(
            "{} was made by a later program: restore it with that one",
            path.display()
        )));
    }
    serde_json::from_value(found).map_err(|_| not_ours())
}

/// Puts all members of an archive into a folder, and makes sure that each is what the manifest says.
///
/// # Errors
/// [`Error::Refused`] naming what is missing, damaged or not announced.
pub(super) fn extract(path: &Path, manifest: &Manifest, folder: &Path) -> Result<()> {
    let damaged = |what: String| {
        let path = path.display();
        Error::refused(format!("{path} is damaged: {what}; nothing was restored"))
    };
    let file = File::open(path).map_err(failed("read", path))?;
    let mut archive = tar::Archive::new(file);
    let unreadable = |error: io::Error| damaged(error.to_string());
    let mut entries = archive.entries().map_err(unreadable)?.skip(1);
    for member in &manifest.members {
        let cut = || damaged(format!("it ends before {}", member.name));
        let mut entry = entries.next().ok_or_else(cut)?.map_err(unreadable)?;
        let name = entry.path().map_err(unreadable)?.display().to_string();
        if name != member.name || !is_plain(&name) {
            return Err(damaged(format!(
                "{name} stands where {} belongs",
                member.name
            )));
        }
        let target = folder.join(&name);
        let mut file = private_file::open_new(&target).map_err(failed("write", &target))?;
        let (bytes, sha256) = copy(&mut entry, &mut file).map_err(unreadable)?;
        if bytes != member.bytes || sha256 != member.sha256 {
            return Err(damaged(format!("{name} is not what was backed up")));
        }
        file.sync_all().map_err(failed("write", &target))?;
    }
    match entries.next() {
        None => Ok(()),
        Some(_) => Err(damaged("it holds more than it says".into())),
    }
}

/// Whether a name stays inside the folder.
fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', '\0'])
}
