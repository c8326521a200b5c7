//! Further registries with the same content: one that speaks TLS, one that keeps no answers, and a database for
//! whoever looks things up without a registry.

use std::path::{Path, PathBuf};

use touchmark_registry::{
    config::{Flags, Settings},
    domain::time::Clock,
    tls::CertificateAuthority,
};

use crate::{Done, process::Process};

/// What the copies are for.
pub(super) struct Copies {
    /// With the certificate of [`Copies::certificate`].
    pub(super) secure: Settings,
    pub(super) forgetful: Settings,
    /// A database that nobody serves.
    pub(super) database: PathBuf,
    /// `authority.pem`, `certificate.pem` and `key.pem`.
    pub(super) certificate: PathBuf,
}

/// Copies a registry that is not served, three times.
pub(super) fn make(settings: &Settings, folder: &Path) -> Done<Copies> {
    let certificate = folder.join("certificate");
    std::fs::create_dir(&certificate)?;
    issue(&certificate)?;
    let copy = |name: &str, flags: Flags| -> Done<Settings> {
        let data_dir = folder.join(name);
        std::fs::create_dir(&data_dir)?;
        for file in std::fs::read_dir(&settings.data_dir)? {
            let file = file?;
            std::fs::copy(file.path(), data_dir.join(file.file_name()))?;
        }
        let flags = Flags {
            listen: Some("127.0.0.1:0".into()),
            data_dir: Some(data_dir.display().to_string()),
            ..flags
        };
        Ok(Settings::load(&flags, [])?.0)
    };
    let path = |name: &str| certificate.join(name).display().to_string();
    let plain = Flags {
        plain_http: true,
        ..Flags::default()
    };
    let secure = Flags {
        tls_cert_file: Some(path("certificate.pem")),
        tls_key_file: Some(path("key.pem")),
        ..Flags::default()
    };
    Ok(Copies {
        secure: copy("secure", secure)?,
        forgetful: copy("forgetful", plain.clone())?,
        database: copy("unserved", plain)?.data_dir.join("touchmark.db"),
        certificate,
    })
}

/// One certificate, which both sides serve.
fn issue(folder: &Path) -> Done {
    let now = Clock::System.now().micros();
    let now = chrono::DateTime::from_timestamp_micros(now).ok_or("no time")?;
    let (certificate, key) = CertificateAuthority::generate(now)?;
    let leaf = CertificateAuthority::load(&certificate, &key)?.issue(&["localhost".into()], now)?;
    std::fs::write(folder.join("authority.pem"), certificate)?;
    std::fs::write(folder.join("certificate.pem"), leaf.cert_chain_pem)?;
    Ok(std::fs::write(
        folder.join("key.pem"),
        leaf.key_pem.as_bytes(),
    )?)
}

impl Copies {
    /// The arguments of the server that speaks TLS.
    pub(super) fn tls(&self) -> [String; 4] {
        let path = |name: &str| self.certificate.join(name).display().to_string();
        [
            "--tls-cert-file".into(),
            path("certificate.pem"),
            "--tls-key-file".into(),
            path("key.pem"),
        ]
    }

    /// The server, known by its certificate.
    pub(super) fn trusting(&self, mut server: Process) -> Process {
        server.authority = Some(self.certificate.join("authority.pem"));
        server
    }
}
