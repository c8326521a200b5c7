//! The lines of an env file that say where the server is; they can be renewed without the others.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use zeroize::Zeroizing;

use super::export;
use crate::config::PublicUrl;

/// How clients reach the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// Host and port, such as `localhost:8443`.
    pub authority: String,
    /// Whether clients come over TLS.
    pub https: bool,
    /// What clients need to trust the certificate, if the system does not.
    pub trust: Option<Trust>,
}

/// Files of certificates, as absolute paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    /// The system's roots and our authority.
    pub bundle: PathBuf,
    /// Our authority alone.
    pub authority: PathBuf,
}

/// A line of the file, known again by how it begins.
pub(super) struct Line {
    name: &'static str,
    pub(super) text: String,
}

/// The names of all lines that may belong to an address, and with what else they may begin.
const NAMES: [&str; 7] = [
    NOTE,
    "HCP_API_ADDRESS",
    "HCP_API_TLS",
    "HCP_AUTH_URL",
    "SSL_CERT_FILE",
    "TOUCHMARK_URL",
    "TOUCHMARK_CA_FILE",
];

const NOTE: &str =
    "# Over plain http only the API can be reached; the tools insist on https for HCP_AUTH_URL.";

impl Address {
    /// The address that the settings name for clients.
    pub fn public(url: &PublicUrl, trust: Option<Trust>) -> Self {
        Self {
            authority: url.authority(),
            https: url.is_https(),
            trust,
        }
    }

    /// The address at which a client on this machine reaches a listener. `bound` has the real port.
    pub fn local(bound: SocketAddr, https: bool, trust: Option<Trust>) -> Self {
        let ip = bound.ip();
        let authority = if ip.is_unspecified() || (ip.is_ipv4() && ip.is_loopback()) {
            format!("localhost:{}", bound.port())
        } else {
            bound.to_string()
        };
        Self {
            authority,
            https,
            trust,
        }
    }

    /// The address with its scheme, for our own client and for people.
    pub fn url(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }

    /// The address that the lines of an `env` file name, if they do.
    pub fn found_in(text: &str) -> Option<Self> {
        let value = |name: &str| {
            let start = format!("export {name}=");
            let line = text.lines().find_map(|line| line.strip_prefix(&start))?;
            let inner = line.strip_prefix('\'')?.strip_suffix('\'')?;
            Some(inner.replace(r"'\''", "'"))
        };
        let url = value("TOUCHMARK_URL")?;
        let (scheme, authority) = url.split_once("://")?;
        let trust = value("SSL_CERT_FILE").zip(value("TOUCHMARK_CA_FILE"));
        Some(Self {
            authority: authority.to_owned(),
            https: scheme == "https",
            trust: trust.map(|(bundle, authority)| Trust {
                bundle: bundle.into(),
                authority: authority.into(),
            }),
        })
    }

    /// The variables as names and values; those that must not exist have none.
    pub(super) fn pairs(&self) -> Vec<(String, Option<String>)> {
        let plain = (!self.https).then(|| "disabled".to_owned());
        let mut pairs = vec![
            ("HCP_API_ADDRESS".to_owned(), Some(self.authority.clone())),
            ("HCP_API_TLS".to_owned(), plain),
            (
                "HCP_AUTH_URL".to_owned(),
                Some(format!("https://{}", self.authority)),
            ),
            ("TOUCHMARK_URL".to_owned(), Some(self.url())),
        ];
        if let Some(trust) = &self.trust {
            let path = |path: &std::path::Path| Some(path.to_string_lossy().into_owned());
            pairs.push(("SSL_CERT_FILE".to_owned(), path(&trust.bundle)));
            pairs.push(("TOUCHMARK_CA_FILE".to_owned(), path(&trust.authority)));
        }
        pairs
    }

    /// The lines that say all this.
    pub(super) fn lines(&self) -> io::Result<Vec<Line>> {
        let set = |name, value: &str| export(name, value).map(|text| Line { name, text });
        let mut lines = vec![set("HCP_API_ADDRESS", &self.authority)?];
        if self.https {
            // Set to nothing it would be an error, so it must not exist.
            let text = "unset HCP_API_TLS".to_owned();
            lines.push(Line {
                name: "HCP_API_TLS",
                text,
            });
        } else {
            let text = NOTE.to_owned();
            lines.push(set("HCP_API_TLS", "disabled")?);
            lines.push(Line { name: NOTE, text });
        }
        lines.push(set("HCP_AUTH_URL", &format!("https://{}", self.authority))?);
        lines.push(set("TOUCHMARK_URL", &self.url())?);
        if let Some(trust) = &self.trust {
            lines.push(set("SSL_CERT_FILE", &trust.bundle.to_string_lossy())?);
            lines.push(set(
                "TOUCHMARK_CA_FILE",
                &trust.authority.to_string_lossy(),
            )?);
        }
        Ok(lines)
    }

    /// Exchanges the lines of an older address in `text`; new ones go to its end.
    pub(super) fn put_into(&self, text: &str) -> io::Result<Zeroizing<String>> {
        let mut lines = self.lines()?;
        // Room for all of it: a string that grows leaves copies of the secret behind.
        let mut new = Zeroizing::new(String::with_capacity(text.len() + 8192));
        let mut put = |line: &str| {
            new.push_str(line);
            new.push('\n');
        };
        for old in text.lines() {
            let Some(name) = named(old) else {
                put(old);
                continue;
            };
            if let Some(at) = lines.iter().position(|line| line.name == name) {
                put(&lines.remove(at).text);
            }
        }
        for line in lines {
            put(&line.text);
        }
        Ok(new)
    }
}

/// The name of the address line that `line` is, if it is one.
fn named(line: &str) -> Option<&'static str> {
    let line = line.trim();
    let assignment = line.strip_prefix("export ").unwrap_or(line);
    NAMES.into_iter().find(|&name| {
        line == name
            || line
                .strip_prefix("unset ")
                .is_some_and(|rest| rest.trim() == name)
            || assignment
                .trim_start()
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with('='))
    })
}
