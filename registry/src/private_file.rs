//! Makes files and folders that only their owner may read; files whole or not at all.
//!
//! It knows nothing of what is in them; that is up to `seal` and `envfile`.

use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use getrandom::fill;

/// Writes `bytes` to `path` with mode 0600 in place of whatever is there.
///
/// A reader sees the old content or the new one, never a part, and after a return the new one
/// outlives a loss of power. Fails with the error of the file system.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = write_beside(path, bytes)?;
    fs::rename(&temporary, path)
        .and_then(|()| sync_parent(path))
        .inspect_err(|_| discard(&temporary))
}

/// Writes `bytes` to `path` with mode 0600 if nothing is there yet.
///
/// Fails with [`io::ErrorKind::AlreadyExists`] if something is, which is then left as it was: of
/// two processes that race, one wins and the other learns of it.
pub fn create(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let temporary = write_beside(path, bytes)?;
    let linked = fs::hard_link(&temporary, path);
    discard(&temporary);
    linked.and_then(|()| sync_parent(path))
}

/// The permission bits of `path` that let others than its owner in, zero if there are none.
///
/// Always zero where the system has no such bits.
pub fn exposure(path: &Path) -> io::Result<u32> {
    let metadata = fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Ok(metadata.permissions().mode() & 0o077)
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        Ok(0)
    }
}

fn write_beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut salt = [0_u8; 8];
    fill(&mut salt).map_err(io::Error::other)?;
    let mut name = OsString::from(".");
    name.push(path.file_name().ok_or(io::ErrorKind::InvalidInput)?);
    name.push(format!(".{:016x}.tmp", u64::from_le_bytes(salt)));
    let temporary = path.with_file_name(name);
    let mut file = open_new(&temporary)?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .inspect_err(|_| discard(&temporary))?;
    Ok(temporary)
}

/// Makes a file with mode 0600 and opens it for writing.
///
/// Fails with [`io::ErrorKind::AlreadyExists`] if something is there.
pub(crate) fn open_new(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}

/// Makes a folder with mode 0700, and the folders above it; what is there stays as it is.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    folder_builder().recursive(true).create(path)
}

/// Makes a folder with mode 0700.
///
/// Fails with [`io::ErrorKind::AlreadyExists`] if something is there.
pub(crate) fn make_new_folder(path: &Path) -> io::Result<()> {
    folder_builder().create(path)
}

fn folder_builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

/// Makes safe what names are in the folder that holds `path`: a file is safe only once its name is.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync_folder(folder),
        _ => Ok(()),
    }
}

/// Makes safe what names are in a folder, where the system can.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// A temporary file that stays behind does no harm, so the first error is the one to tell.
fn discard(temporary: &Path) {
    drop(fs::remove_file(temporary));
}

/// A folder of its own for each test, removed when it goes out of scope.
#[cfg(test)]
pub(crate) struct TestFolder(PathBuf);

#[cfg(test)]
impl TestFolder {
    pub(crate) fn new() -> Self {
        let mut salt = [0_u8; 8];
        fill(&mut salt).unwrap();
        let name = format!("touchmark-unit-{:016x}", u64::from_le_bytes(salt));
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

#[cfg(test)]
impl Drop for TestFolder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replace_leaves_one_private_file() {
        let folder = TestFolder::new();
        let path = folder.join("f");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(exposure(&path).unwrap(), 0);
        assert_eq!(fs::read_dir(folder.join("")).unwrap().count(), 1);
    }

    #[test]
    fn create_does_not_touch_what_exists() {
        let folder = TestFolder::new();
        let path = folder.join("f");
        create(&path, b"one").unwrap();
        let error = create(&path, b"two").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(folder.join("")).unwrap().count(), 1);
    }

    #[test]
    fn a_missing_folder_is_an_error() {
        let folder = TestFolder::new();
        assert!(replace(&folder.join("none/f"), b"x").is_err());
    }
}
