//! Settings of a client.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use touchmark_wire::paths;

use crate::client::{Client, Trace, base};
use crate::token::{Endpoint, TokenSource};
use crate::{Error, tls};

/// What a client says of itself.
const USER_AGENT: &str = concat!("touchmark/", env!("CARGO_PKG_VERSION"));

/// Collects the settings of a [`Client`].
pub struct Builder {
    base_url: String,
    auth_url: Option<String>,
    authorities: Option<Result<Vec<u8>, String>>,
    login: Login,
    organization_id: String,
    project_id: String,
    timeout: Duration,
    retries: u32,
    token_file: Option<PathBuf>,
    trace: Option<Trace>,
}

enum Login {
    None,
    Token(String),
    Credentials(String, String),
}

impl Builder {
    pub(crate) fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            auth_url: None,
            authorities: None,
            login: Login::None,
            organization_id: String::new(),
            project_id: String::new(),
            timeout: Duration::from_secs(30),
            retries: 0,
            token_file: None,
            trace: None,
        }
    }

    /// Asks for tokens at this address instead of the registry's own.
    #[must_use]
    pub fn auth_url(mut self, url: impl Into<String>) -> Self {
        self.auth_url = Some(url.into());
        self
    }

    /// Trusts these PEM certificates instead of the system's.
    #[must_use]
    pub fn ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.authorities = Some(Ok(pem.into()));
        self
    }

    /// Trusts the PEM certificates in a file instead of the system's.
    #[must_use]
    pub fn ca_file(mut self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        let pem = std::fs::read(path)
            .map_err(|error| format!("{} cannot be read: {error}", path.display()));
        self.authorities = Some(pem);
        self
    }

    /// Gets tokens for a client id and secret.
    #[must_use]
    pub fn credentials(mut self, id: impl Into<String>, secret: impl Into<String>) -> Self {
        self.login = Login::Credentials(id.into(), secret.into());
        self
    }

    /// Uses this bearer token for all requests.
    #[must_use]
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.login = Login::Token(token.into());
        self
    }

    /// Names the organization and project that calls are about.
    #[must_use]
    pub fn scope(
        mut self,
        organization_id: impl Into<String>,
        project_id: impl Into<String>,
    ) -> Self {
        self.organization_id = organization_id.into();
        self.project_id = project_id.into();
        self
    }

    /// Gives up a request after this time; 30 seconds if not set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Repeats a request so many times when the registry cannot be reached or has no time, with growing pauses;
    /// not at all if not set. What may have been done already is repeated only when that changes nothing.
    #[must_use]
    pub fn retries(mut self, retries: u32) -> Self {
        self.retries = retries;
        self
    }

    /// Keeps tokens in this file, which only its owner can read, so that the next process need not ask for one.
    #[must_use]
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.token_file = Some(path.into());
        self
    }

    /// Tells of every request and its answer in a line, without secrets.
    #[must_use]
    pub fn trace(mut self, trace: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.trace = Some(Arc::new(trace));
        self
    }

    /// Makes the client; nothing is sent yet.
    pub fn build(self) -> Result<Client, Error> {
        let base_url = base(&self.base_url)?;
        let pem = self.authorities.transpose().map_err(Error::Setup)?;
        let mut http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::config(pem.as_deref())?)
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(self.timeout);
        if is_here(&base_url) {
            // A proxy would look for it on its own machine.
            http = http.no_proxy();
        }
        let http = http.build()?;
        let tokens = match self.login {
            Login::None => TokenSource::None,
            Login::Token(token) => TokenSource::Fixed(token),
            Login::Credentials(id, secret) => {
                let auth_url = self.auth_url.as_deref().unwrap_or(&self.base_url);
                let url = token_url(base(auth_url)?)?;
                TokenSource::Endpoint(Box::new(Endpoint::new(url, (id, secret), self.token_file)))
            }
        };
        Ok(Client {
            http,
            base_url,
            tokens: Arc::new(tokens),
            organization_id: self.organization_id,
            project_id: self.project_id,
            retries: self.retries,
            trace: self.trace,
        })
    }
}

/// Whether an address is on the loopback interface.
fn is_here(base_url: &str) -> bool {
    let url = Url::parse(base_url).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

fn token_url(auth_url: String) -> Result<Url, Error> {
    let url = auth_url + paths::TOKEN;
    Url::parse(&url).map_err(|error| Error::Setup(format!("{url} is no address: {error}")))
}

#[cfg(test)]
mod tests {
    use super::is_here;

    #[test]
    fn the_loopback_interface_has_many_names() {
        for here in [
            "http://localhost:1",
            "https://127.0.0.2",
            "https://[::1]:8443",
        ] {
            assert!(is_here(here), "{here}");
        }
        for elsewhere in [
            "https://localhost.example.com",
            "https://10.0.0.1",
            "https://[fe80::1]",
        ] {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }
}
