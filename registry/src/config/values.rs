//! What the text of single settings means. Every function says what is accepted if it is not.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tracing_subscriber::EnvFilter;
use url::Url;

use super::LogFormat;

/// The address by which clients know the server: scheme, host and port, nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Reads an absolute `https` or `http` address without path, query, fragment or credentials.
    /// Says what is wrong if it is not one.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim())
            .map_err(|error| format!("`{text}` is no absolute address ({error})"))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(format!(
                "`{text}` must begin with https:// or http:// and name a host"
            ));
        }
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        // The clients replace whatever path there is by their own.
        if !bare || !url.username().is_empty() || url.password().is_some() {
            return Err(
                "must be scheme, host and port only, without path, query or user; \
                the clients cannot reach a server below a path"
                    .to_owned(),
            );
        }
        Ok(Self(url))
    }

    /// Whether clients come over TLS.
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether it names a host of the network's: neither an address nor this machine itself.
    pub fn has_domain(&self) -> bool {
        let local = |name: &str| name == "localhost" || name.ends_with(".localhost");
        self.0.domain().is_some_and(|name| !local(name))
    }

    /// The host without port; an IPv6 address without brackets.
    pub fn host(&self) -> &str {
        let host = self.0.host_str().unwrap_or_default();
        host.trim_start_matches('[').trim_end_matches(']')
    }

    /// The host with its port, always both: `registry.example.com:443`.
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        format!("{host}:{}", self.0.port_or_known_default().unwrap_or(443))
    }
}

impl fmt::Display for PublicUrl {
    /// The address without a slash at its end, so that a path can be appended.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

pub(super) fn socket(text: &str) -> Result<SocketAddr, String> {
    text.trim().parse().map_err(|_| {
        format!("`{text}` must be an IP address and a port, such as 127.0.0.1:8443 or [::]:8443")
    })
}

pub(super) fn folder_or_file(text: &str) -> Result<PathBuf, String> {
    std::path::absolute(text).map_err(|error| format!("`{text}` is no path ({error})"))
}

pub(super) fn truth(text: &str) -> Result<bool, String> {
    match text.trim() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("`{text}` must be true or false")),
    }
}

pub(super) fn log_format(text: &str) -> Result<LogFormat, String> {
    match text.trim() {
        "human" => Ok(LogFormat::Human),
        "json" => Ok(LogFormat::Json),
        _ => Err(format!("`{text}` must be human or json")),
    }
}

pub(super) fn log_level(text: &str) -> Result<String, String> {
    match EnvFilter::try_new(text) {
        Ok(_) => Ok(text.trim().to_owned()),
        Err(error) => Err(format!(
            "`{text}` must be a level (error, warn, info, debug, trace, off) \
             or a list such as info,actix_server=warn ({error})"
        )),
    }
}

pub(super) fn positive_span(text: &str) -> Result<Duration, String> {
    match super::span::parse(text)? {
        Duration::ZERO => Err("must be longer than nothing".to_owned()),
        span => Ok(span),
    }
}

pub(super) fn workers(text: &str) -> Result<usize, String> {
    match text.trim().parse() {
        Ok(count @ 1..=1024) => Ok(count),
        _ => Err(format!("`{text}` must be a number from 1 to 1024")),
    }
}

pub(super) fn mebibytes(text: &str) -> Result<u32, String> {
    match text.trim().parse() {
        Ok(count @ 0..=1_048_576) => Ok(count),
        _ => Err(format!("`{text}` must be a number of MiB, 0 for none")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_scheme_host_and_port() {
        let url = PublicUrl::parse("https://r.example.com/").unwrap();
        assert_eq!(url.to_string(), "https://r.example.com");
        assert_eq!(
            (url.host(), url.authority().as_str()),
            ("r.example.com", "r.example.com:443")
        );
        let url = PublicUrl::parse("http://[::1]:8080").unwrap();
        assert_eq!(
            (url.host(), url.authority().as_str()),
            ("::1", "[::1]:8080")
        );
        assert!(!url.is_https());
        for text in [
            "r.example.com",
            "//r",
            "ftp://r",
            "https://r/p",
            "https://r?q",
            "https://u@r",
            "https://",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn levels_formats_numbers() {
        assert!(log_level("info,h2=warn").is_ok());
        assert!(log_level("loud=shout").is_err());
        assert!(log_format("json").is_ok() && log_format("xml").is_err());
        assert!(workers("4").is_ok() && workers("0").is_err() && workers("x").is_err());
        assert!(positive_span("0s").is_err());
        assert!(socket("[::]:0").is_ok() && socket("localhost:1").is_err());
        assert!(truth("true").unwrap() && !truth("0").unwrap() && truth("yes").is_err());
    }
}
