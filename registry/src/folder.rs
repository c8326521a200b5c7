//! The data folder: who may use it, and the files in it that are not the database.

use std::{
    fs::{self, File, TryLockError},
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Utc};

use crate::{
    config::{MasterKeySource, PublicUrl, Settings, Tls},
    domain::time::Clock,
    envfile::{self, Address, EnvFile, Trust},
    error::{Error, Result},
    ops::{first_start::Found, principals::Created},
    private_file,
    seal::MasterKey,
    tls::{self, CertificateAuthority, LiveCertificate},
};

/// The data folder.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    path: PathBuf,
}

fn failed(what: &str, path: &Path) -> impl FnOnce(std::io::Error) -> Error {
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

    /// Makes the folder, private to its owner.
    pub(crate) fn make(&self) -> Result<()> {
        let mut make = fs::DirBuilder::new();
        make.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
        make.create(&self.path)
            .map_err(failed("make the data folder", &self.path))
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
    fn env_file(&self) -> PathBuf {
        self.path.join("env")
    }

    fn trust(&self) -> Trust {
        Trust {
            bundle: self.path.join("ca-bundle.pem"),
            authority: self.path.join("ca.pem"),
        }
    }

    /// The certificate to serve: brought along, or issued by our own authority and renewed when it no
    /// longer fits.
    pub(crate) fn certificate(
        &self,
        settings: &Settings,
        found: &Found,
        clock: &Clock,
    ) -> Result<Option<Arc<LiveCertificate>>> {
        let refused = |error: tls::TlsError| Error::refused(error.to_string());
        let live = match &settings.tls {
            Tls::Off => return Ok(None),
            Tls::Files {
                cert_file,
                key_file,
            } => LiveCertificate::from_files(cert_file, key_file),
            Tls::Private => {
                let now =
                    DateTime::<Utc>::from_timestamp(clock.now().seconds(), 0).unwrap_or_default();
                let (chain, key) = self.own_certificate(settings, found, now)?;
                LiveCertificate::from_pem(&chain, &key)
            }
        };
        live.map(|live| Some(Arc::new(live))).map_err(refused)
    }

    fn own_certificate(
        &self,
        settings: &Settings,
        found: &Found,
        now: DateTime<Utc>,
    ) -> Result<(String, String)> {
        let (certificate, key) = &found.authority;
        let authority = CertificateAuthority::load(certificate, key).map_err(Error::internal)?;
        self.publish_trust(&authority)?;
        let public_host = settings.public_url.as_ref().map(PublicUrl::host);
        let machine = tls::machine_name();
        let names = tls::wanted_names(
            machine.as_deref(),
            settings.listen,
            public_host,
            &settings.host_names,
        );
        let (chain_path, key_path) = (self.path.join("server.pem"), self.path.join("server.key"));
        let stored = fs::read_to_string(&chain_path)
            .and_then(|chain| Ok((chain, fs::read_to_string(&key_path)?)));
        if let Ok((chain, key)) = stored
            && !authority.needs_renewal(&chain, &names, now)
        {
            return Ok((chain, key));
        }
        let leaf = authority.issue(&names, now).map_err(Error::internal)?;
        private_file::replace(&key_path, leaf.key_pem.as_bytes())
            .map_err(failed("write", &key_path))?;
        private_file::replace(&chain_path, leaf.cert_chain_pem.as_bytes())
            .map_err(failed("write", &chain_path))?;
        tracing::info!(names = names.join(", "), "certificate issued");
        Ok((leaf.cert_chain_pem, leaf.key_pem.to_string()))
    }

    /// Writes the authority's certificate, alone and after the system's roots.
    fn publish_trust(&self, authority: &CertificateAuthority) -> Result<()> {
        let trust = self.trust();
        let bundle = tls::bundle(authority.certificate_pem());
        if bundle.system_roots == 0 {
            tracing::warn!(
                "no root certificates were found on this system: with SSL_CERT_FILE set, clients here trust this server alone"
            );
        }
        for (path, text) in [
            (&trust.authority, authority.certificate_pem()),
            (&trust.bundle, &bundle.pem),
        ] {
            if fs::read_to_string(path).is_ok_and(|old| old == text) {
                continue;
            }
            private_file::replace(path, text.as_bytes()).map_err(failed("write", path))?;
        }
        Ok(())
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

    /// Brings the address in the `env` file up to date; `None` when there is no such file.
    pub(crate) fn renew_env(&self, address: &Address) -> Result<Option<PathBuf>> {
        let path = self.env_file();
        let there = envfile::rewrite_address(&path, address).map_err(failed("write", &path))?;
        Ok(there.then_some(path))
    }
}
