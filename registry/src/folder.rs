//! The data folder: who may use it, and the files in it that are not the database.

use std::{
    fs::{File, TryLockError},
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crate::{
    config::{MasterKeySource, Settings, Tls},
    envfile::{self, Address, EnvFile, Trust},
    error::{Error, Result},
    ops::{first_start::Found, principals::Created},
    private_file,
    seal::MasterKey,
};

/// The data folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

pub(crate) fn failed(what: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
    let text = format!("cannot {what} {}", path.display());
    move |error| Error::refused(format!("{text}: {error}"))
}

impl Folder {
    /// The folder of these settings.
    pub(crate) fn of(settings: &Settings) -> Self {
        Self {
            path: settings.data_dir.clone(),
        }
    }

    /// A file of the folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Makes the folder, private to its owner.
    pub(crate) fn make(&self) -> Result<()> {
        private_file::make_folder(&self.path).map_err(failed("make the data folder", &self.path))
    }

    /// Makes the folder and keeps a second server out of it as long as the file is open.
    pub(crate) fn lock(&self) -> Result<File> {
        self.make()?;
        let path = self.path.join("lock");
        let file = File::create(&path).map_err(failed("write", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(Error::refused(format!(
                "another server uses the data folder {}; stop it, or choose another --data-dir",
                self.path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(failed("lock", &path)(error)),
        }
    }

    /// The key under which secrets are sealed.
    pub(crate) fn master_key(settings: &Settings) -> Result<MasterKey> {
        match &settings.master_key {
            MasterKeySource::Given(key) => Ok(key.clone()),
            MasterKeySource::File(path) => {
                MasterKey::load_or_create(path).map_err(|error| Error::refused(error.to_string()))
            }
        }
    }

    /// Where the variables are for Packer and Terraform.
    pub(crate) fn env_file(&self) -> PathBuf {
        self.path.join("env")
    }

    /// The files of certificates that clients need.
    pub(crate) fn trust(&self) -> Trust {
        Trust {
            bundle: self.path.join("ca-bundle.pem"),
            authority: self.path.join("ca.pem"),
        }
    }

    /// The address that clients use.
    pub(crate) fn address(&self, settings: &Settings, bound: SocketAddr) -> Address {
        let trust = (settings.tls == Tls::Private).then(|| self.trust());
        match &settings.public_url {
            Some(url) => Address::public(url, trust),
            None => Address::local(bound, settings.tls != Tls::Off, trust),
        }
    }

    /// Writes the `env` file of a principal whose secret is known just now.
    pub(crate) fn write_env(
        &self,
        address: Address,
        found: &Found,
        who: &Created,
    ) -> Result<PathBuf> {
        let path = self.env_file();
        let content = EnvFile {
            address,
            client_id: who.principal.client_id.clone(),
            client_secret: who.secret.clone(),
            organization_id: found.organization.id.clone(),
            project_id: found.project.id.clone(),
        };
        envfile::write(&path, &content).map_err(failed("write", &path))?;
        Ok(path)
    }

    /// Makes the `env` file that of a principal, whoever it was for, and keeps its address; `None` when there
    /// is no such file.
    pub(crate) fn hand_over_env(&self, to: &Created) -> Result<Option<PathBuf>> {
        let path = self.env_file();
        let there = envfile::rewrite_client(&path, &to.principal.client_id, &to.secret);
        Ok(there.map_err(failed("write", &path))?.then_some(path))
    }

    /// Puts a principal's new secret into the `env` file if that is the principal's; `None` when there is
    /// no such file.
    pub(crate) fn renew_secret(&self, who: &Created) -> Result<Option<PathBuf>> {
        let path = self.env_file();
        let there = envfile::rewrite_secret(&path, &who.principal.client_id, &who.secret);
        Ok(there.map_err(failed("write", &path))?.then_some(path))
    }

    /// Brings the address in the `env` file up to date; `None` when there is no such file.
    pub(crate) fn renew_env(&self, address: &Address) -> Result<Option<PathBuf>> {
        let path = self.env_file();
        let there = envfile::rewrite_address(&path, address).map_err(failed("write", &path))?;
        Ok(there.then_some(path))
    }
}
