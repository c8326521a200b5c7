//! The certificate that is served: brought along, or issued by our own authority and renewed in time.

use std::{fs, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use zeroize::Zeroizing;

use crate::{
    config::{PublicUrl, Settings, Tls},
    domain::time::{Clock, Time},
    error::{Error, Result},
    folder::{Folder, failed},
    private_file,
    tls::{self, CertificateAuthority, LiveCertificate, TlsError},
};

/// How often it is looked whether the certificate still fits.
const INTERVAL: Duration = Duration::from_hours(1);

/// PEM of an authority's certificate, and of its key.
pub(crate) type Authority = (String, Zeroizing<String>);

/// A certificate that is served, and how to get the next one.
pub(crate) struct Certificate {
    /// What connections are answered with.
    pub(crate) live: Arc<LiveCertificate>,
    own: Option<Own>,
}

fn refused(error: &TlsError) -> Error {
    Error::refused(error.to_string())
}

impl Certificate {
    /// What the settings ask for; `None` for plain HTTP.
    pub(crate) fn open(
        settings: &Settings,
        folder: &Folder,
        authority: &Authority,
        now: Time,
    ) -> Result<Option<Self>> {
        let own = match &settings.tls {
            Tls::Off => return Ok(None),
            Tls::Files {
                cert_file,
                key_file,
            } => {
                let live = LiveCertificate::from_files(cert_file, key_file)
                    .map_err(|error| refused(&error))?;
                return Ok(Some(Self {
                    live: Arc::new(live),
                    own: None,
                }));
            }
            Tls::Private => Own::new(settings, folder, authority)?,
        };
        let (chain, key) = own.stored_or_new(now)?.into_parts();
        let live = LiveCertificate::from_pem(&chain, &key).map_err(|error| refused(&error))?;
        Ok(Some(Self {
            live: Arc::new(live),
            own: Some(own),
        }))
    }

    /// Puts a new certificate in the place of one that ends soon. One that was brought along is left
    /// to who brought it.
    fn renew(&self, now: Time) -> Result<()> {
        let Some(own) = &self.own else { return Ok(()) };
        if let Leaf::New(chain, key) = own.stored_or_new(now)? {
            self.live
                .replace(&chain, &key)
                .map_err(|error| refused(&error))?;
        }
        Ok(())
    }

    /// Renews the certificate whenever that is due, until the task is dropped.
    pub(crate) async fn keep_fresh(self, clock: Clock) {
        loop {
            tokio::time::sleep(INTERVAL).await;
            if let Err(error) = self.renew(clock.now()) {
                tracing::warn!(%error, "the certificate could not be renewed, will be tried again");
            }
        }
    }
}

/// A certificate and its key as PEM.
enum Leaf {
    Stored(String, String),
    New(String, String),
}

impl Leaf {
    fn into_parts(self) -> (String, String) {
        match self {
            Self::Stored(chain, key) | Self::New(chain, key) => (chain, key),
        }
    }
}

/// Our own authority, and for which names it issues.
struct Own {
    authority: CertificateAuthority,
    names: Vec<String>,
    folder: Folder,
}

impl Own {
    fn new(settings: &Settings, folder: &Folder, (certificate, key): &Authority) -> Result<Self> {
        let authority = CertificateAuthority::load(certificate, key).map_err(Error::internal)?;
        let public_host = settings.public_url.as_ref().map(PublicUrl::host);
        let machine = tls::machine_name();
        let names = tls::wanted_names(
            machine.as_deref(),
            settings.listen,
            public_host,
            &settings.host_names,
        );
        let own = Self {
            authority,
            names,
            folder: folder.clone(),
        };
        own.publish_trust()?;
        Ok(own)
    }

    /// The certificate in the data folder if it still fits, else a new one, which is then there.
    fn stored_or_new(&self, now: Time) -> Result<Leaf> {
        let now = DateTime::<Utc>::from_timestamp(now.seconds(), 0).unwrap_or_default();
        let (chain_path, key_path) = (
            self.folder.file("server.pem"),
            self.folder.file("server.key"),
        );
        let stored = fs::read_to_string(&chain_path)
            .and_then(|chain| Ok((chain, fs::read_to_string(&key_path)?)));
        if let Ok((chain, key)) = stored
            && !self.authority.needs_renewal(&chain, &self.names, now)
        {
            return Ok(Leaf::Stored(chain, key));
        }
        let leaf = self
            .authority
            .issue(&self.names, now)
            .map_err(Error::internal)?;
        private_file::replace(&key_path, leaf.key_pem.as_bytes())
            .map_err(failed("write", &key_path))?;
        private_file::replace(&chain_path, leaf.cert_chain_pem.as_bytes())
            .map_err(failed("write", &chain_path))?;
        tracing::info!(names = self.names.join(", "), "certificate issued");
        Ok(Leaf::New(leaf.cert_chain_pem, leaf.key_pem.to_string()))
    }

    /// Writes the authority's certificate, alone and after the system's roots.
    fn publish_trust(&self) -> Result<()> {
        let trust = self.folder.trust();
        let bundle = tls::bundle(self.authority.certificate_pem());
        if bundle.system_roots == 0 {
            tracing::warn!(
                "no root certificates were found on this system: with SSL_CERT_FILE set, clients here trust this server alone"
            );
        }
        for (path, text) in [
            (&trust.authority, self.authority.certificate_pem()),
            (&trust.bundle, &bundle.pem),
        ] {
            if fs::read_to_string(path).is_ok_and(|old| old == text) {
                continue;
            }
            private_file::replace(path, text.as_bytes()).map_err(failed("write", path))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{config::Flags, private_file::TestFolder};

    const DAY: Duration = Duration::from_hours(24);

    #[test]
    fn a_certificate_that_ends_soon_is_replaced_while_it_is_served() {
        let folder = TestFolder::new();
        let flags = Flags {
            data_dir: Some(folder.join("data").display().to_string()),
            ..Flags::default()
        };
        let (settings, _) = Settings::load(&flags, []).unwrap();
        let data = Folder::of(&settings);
        data.make().unwrap();
        let start = Time::from_micros(1_767_323_045_000_000);
        let at = DateTime::<Utc>::from_timestamp(start.seconds(), 0).unwrap();
        let authority = CertificateAuthority::generate(at).unwrap();
        let certificate = Certificate::open(&settings, &data, &authority, start)
            .unwrap()
            .unwrap();
        let served = || fs::read_to_string(data.file("server.pem")).unwrap();
        let first = served();
        certificate.renew(start.after(DAY * 300)).unwrap();
        assert_eq!(served(), first);
        certificate.renew(start.after(DAY * 380)).unwrap();
        assert_ne!(served(), first);
    }
}
