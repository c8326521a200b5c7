//! The folder of a registry that is thrown away: made for it, and removed with all that is in it.

use std::path::{Path, PathBuf};

use crate::{error::Result, folder::failed, private_file};

/// A folder that is removed when this is dropped.
#[derive(Debug)]
pub(super) struct ThrowAway(PathBuf);

impl ThrowAway {
    /// Makes a folder that only its owner may read.
    ///
    /// # Errors
    /// [`crate::error::Error::Refused`] when it is there already: it is somebody else's.
    pub(super) fn make(path: &Path) -> Result<Self> {
        private_file::make_new_folder(path).map_err(failed("make the folder", path))?;
        Ok(Self(path.to_owned()))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            let path = self.0.display();
            tracing::warn!(%error, %path, "the folder of the demo is still there");
        }
    }
}
