//! Bearer tokens: fixed ones, and ones got for a client id and secret.

mod file;

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use tokio::sync::Mutex;
use touchmark_wire::error::{Code, Status};
use touchmark_wire::oauth::{
    AUDIENCE, CLIENT_CREDENTIALS, TokenError, TokenRequest, TokenResponse,
};

use crate::Error;
use file::TokenFile;

/// A token is renewed this long before it expires.
const MARGIN: Duration = Duration::from_secs(30);

/// Where the token of a request comes from.
pub(crate) enum TokenSource {
    /// Requests carry no token.
    None,
    /// All requests carry this token.
    Fixed(String),
    /// Requests carry a token that the token endpoint gave.
    Endpoint(Box<Endpoint>),
}

impl TokenSource {
    /// The token for a request that is about to be sent.
    pub(crate) async fn token(&self, http: &reqwest::Client) -> Result<Option<String>, Error> {
        match self {
            Self::None => Ok(None),
            Self::Fixed(token) => Ok(Some(token.clone())),
            Self::Endpoint(endpoint) => endpoint.token(http).await.map(Some),
        }
    }

    /// Drops a token that an earlier process got, since the registry does not take it. Whether there was one.
    pub(crate) async fn forget(&self) -> bool {
        match self {
            Self::Endpoint(endpoint) => endpoint.forget().await,
            Self::None | Self::Fixed(_) => false,
        }
    }
}

/// The token endpoint, with credentials and the token it gave last.
pub(crate) struct Endpoint {
    url: Url,
    client_id: String,
    client_secret: String,
    /// Locked while a token is fetched, so that only one request asks for it.
    kept: Mutex<Option<Kept>>,
    /// Where other processes find it.
    file: Option<TokenFile>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    token: String,
    renew_at: SystemTime,
    /// Whether an earlier process got it.
    is_old: bool,
}

impl Endpoint {
    /// Names the endpoint and the credentials; asks for nothing yet.
    pub(crate) fn new(
        url: Url,
        (client_id, client_secret): (String, String),
        file: Option<PathBuf>,
    ) -> Self {
        let parts = [url.as_str(), &client_id, &client_secret];
        Self {
            file: file.map(|path| TokenFile::new(path, parts)),
            url,
            client_id,
            client_secret,
            kept: Mutex::new(None),
        }
    }

    async fn token(&self, http: &reqwest::Client) -> Result<String, Error> {
        let mut kept = self.kept.lock().await;
        let now = now();
        if kept.is_none() {
            *kept = self.file.as_ref().and_then(TokenFile::read);
        }
        if let Some(kept) = kept.as_ref().filter(|kept| now < kept.renew_at) {
            return Ok(kept.token.clone());
        }
        let response = self.fetch(http).await?;
        let new = Kept {
            token: response.access_token.clone(),
            renew_at: now + lifetime(response.expires_in),
            is_old: false,
        };
        if let Some(file) = &self.file {
            file.write(&new);
        }
        *kept = Some(new);
        Ok(response.access_token)
    }

    async fn forget(&self) -> bool {
        let mut kept = self.kept.lock().await;
        if !kept.as_ref().is_some_and(|kept| kept.is_old) {
            return false;
        }
        if let Some(file) = &self.file {
            file.clear();
        }
        *kept = None;
        true
    }

    async fn fetch(&self, http: &reqwest::Client) -> Result<TokenResponse, Error> {
        let form = TokenRequest {
            grant_type: CLIENT_CREDENTIALS.to_owned(),
            audience: AUDIENCE.to_owned(),
            client_id: self.client_id.clone(),
            client_secret: self.client_secret.clone(),
        };
        let response = http.post(self.url.clone()).form(&form).send().await?;
        let http_status = response.status();
        let body = response.bytes().await?;
        if http_status.is_success() {
            return serde_json::from_slice(&body).map_err(|source| Error::Answer {
                http_status: http_status.as_u16(),
                source,
            });
        }
        Err(Error::Refused {
            http_status: http_status.as_u16(),
            status: refusal(&body),
        })
    }
}

/// The time of day, by which tokens are kept between processes.
#[expect(clippy::disallowed_methods, reason = "a client has no other clock")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// How long a token is used that expires after so many seconds.
fn lifetime(expires_in: i64) -> Duration {
    let whole = Duration::from_secs(u64::try_from(expires_in).unwrap_or(0));
    whole.saturating_sub(MARGIN).max(whole / 2)
}

/// The refusal of a token, as a status; a status in the body wins.
fn refusal(body: &[u8]) -> Status {
    let status: Status = serde_json::from_slice(body).unwrap_or_default();
    if status.code != Code::default() {
        return status;
    }
    let error: TokenError = serde_json::from_slice(body).unwrap_or_default();
    let message = match (error.error.as_str(), error.error_description.as_str()) {
        ("", "") => "no token was given".to_owned(),
        (text, "") | ("", text) => text.to_owned(),
        (code, text) => format!("{code}: {text}"),
    };
    Status::new(Code::Unauthenticated, message)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{lifetime, refusal};

    #[test]
    fn tokens_are_renewed_before_they_expire() {
        assert_eq!(lifetime(3600), Duration::from_secs(3570));
        assert_eq!(lifetime(40), Duration::from_secs(20));
        assert_eq!(lifetime(-1), Duration::ZERO);
    }

    #[test]
    fn refusals_keep_their_text() {
        let status = refusal(br#"{"error":"invalid_client","error_description":"no"}"#);
        assert_eq!(status.message, "invalid_client: no");
        assert_eq!(refusal(b"<html>").message, "no token was given");
        let status = refusal(br#"{"code":8,"message":"slow down","details":[]}"#);
        assert_eq!(status.message, "slow down");
    }
}
