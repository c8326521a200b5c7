//! The client itself: sending a request and reading its answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use reqwest::{Method, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use touchmark_wire::error::{Code, Status};
use touchmark_wire::paths::Scope;

use crate::token::TokenSource;
use crate::{Builder, Error};

/// The content type of all bodies.
const JSON: &str = "application/json";

/// Pause before a request is repeated for the first time; each further one is twice as long.
const PAUSE: Duration = Duration::from_millis(200);
/// Pause at most, even when the registry asks for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Whoever is told of requests.
pub(crate) type Trace = Arc<dyn Fn(&str) + Send + Sync>;

/// A client of one registry; clones share connections and token.
#[derive(Clone)]
pub struct Client {
    pub(crate) http: reqwest::Client,
    /// Scheme and authority, without a slash at the end.
    pub(crate) base_url: String,
    pub(crate) tokens: Arc<TokenSource>,
    pub(crate) organization_id: String,
    pub(crate) project_id: String,
    pub(crate) retries: u32,
    pub(crate) trace: Option<Trace>,
}

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// Reads the body as JSON, whatever the status.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body).map_err(|source| Error::Answer {
            http_status: self.status,
            source,
        })
    }

    /// Reads the body of an answer with status 200; any other is an error.
    fn accept<T: DeserializeOwned>(&self) -> Result<T, Error> {
        if self.status == 200 {
            return self.json();
        }
        let status = serde_json::from_slice(&self.body).unwrap_or_else(|_| {
            let message = format!("HTTP status {} without an explanation", self.status);
            Status::new(Code::default(), message)
        });
        Err(Error::Refused {
            http_status: self.status,
            status,
        })
    }
}

impl Client {
    /// Starts the settings of a client for the registry at an address.
    pub fn builder(base_url: impl Into<String>) -> Builder {
        Builder::new(base_url)
    }

    /// The same client for another organization and project.
    #[must_use]
    pub fn with_scope(
        &self,
        organization_id: impl Into<String>,
        project_id: impl Into<String>,
    ) -> Self {
        Self {
            organization_id: organization_id.into(),
            project_id: project_id.into(),
            ..self.clone()
        }
    }

    /// The ids of the organization and the project that calls are about; empty if they are not set.
    pub fn ids(&self) -> (&str, &str) {
        (&self.organization_id, &self.project_id)
    }

    /// The organization and project that calls are about.
    pub fn scope(&self) -> Result<Scope<'_>, Error> {
        if self.organization_id.is_empty() || self.project_id.is_empty() {
            let problem = "the organization id and the project id are not set";
            return Err(Error::Setup(problem.to_owned()));
        }
        Ok(Scope::new(&self.organization_id, &self.project_id))
    }

    /// The bearer token that requests carry, if they carry one.
    pub async fn access_token(&self) -> Result<Option<String>, Error> {
        self.tokens.token(&self.http).await
    }

    /// Sends any request with the client's token; refusals are answers too.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> Result<Answer, Error> {
        let body = body.map(|body| body.to_string().into_bytes());
        self.send_bytes(method, path, body).await
    }

    /// Sends any request with any bytes as its JSON body.
    pub async fn send_bytes(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Answer, Error> {
        self.exchange(method, path, &[], body).await
    }

    pub(crate) async fn get<T>(&self, path: &str) -> Result<T, Error>
    where
        T: DeserializeOwned,
    {
        self.get_with(path, &[]).await
    }

    pub(crate) async fn get_with<T>(
        &self,
        path: &str,
        query: &[(&'static str, String)],
    ) -> Result<T, Error>
    where
        T: DeserializeOwned,
    {
        let answer = self.exchange(Method::GET, path, query, None).await?;
        answer.accept()
    }

    pub(crate) async fn delete<T>(
        &self,
        path: &str,
        query: &[(&'static str, String)],
    ) -> Result<T, Error>
    where
        T: DeserializeOwned,
    {
        let answer = self.exchange(Method::DELETE, path, query, None).await?;
        answer.accept()
    }

    pub(crate) async fn put<T, B>(&self, path: &str, body: &B) -> Result<T, Error>
    where
        T: DeserializeOwned,
        B: Serialize,
    {
        self.write(Method::PUT, path, &[], body).await
    }

    pub(crate) async fn post<T, B>(&self, path: &str, body: &B) -> Result<T, Error>
    where
        T: DeserializeOwned,
        B: Serialize,
    {
        self.write(Method::POST, path, &[], body).await
    }

    pub(crate) async fn patch<T, B>(&self, path: &str, body: &B) -> Result<T, Error>
    where
        T: DeserializeOwned,
        B: Serialize,
    {
        self.write(Method::PATCH, path, &[], body).await
    }

    pub(crate) async fn write<T, B>(
        &self,
        method: Method,
        path: &str,
        query: &[(&'static str, String)],
        body: &B,
    ) -> Result<T, Error>
    where
        T: DeserializeOwned,
        B: Serialize,
    {
        let body = serde_json::to_vec(body)
            .map_err(|error| Error::Setup(format!("the body cannot be written: {error}")))?;
        let answer = self.exchange(method, path, query, Some(body)).await?;
        answer.accept()
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        query: &[(&'static str, String)],
        body: Option<Vec<u8>>,
    ) -> Result<Answer, Error> {
        let mut left = self.retries;
        let mut pause = PAUSE;
        let mut is_fresh = false;
        loop {
            let answer = self.once((&method, path, query), body.clone()).await;
            let refused = matches!(&answer, Ok(answer) if answer.status == 401);
            if refused && !is_fresh && self.tokens.forget().await {
                is_fresh = true;
                continue;
            }
            let Some(asked) = again(&method, &answer).filter(|_| left > 0) else {
                return answer;
            };
            left -= 1;
            tokio::time::sleep(asked.max(pause).min(LONGEST_PAUSE)).await;
            pause *= 2;
        }
    }

    async fn once(
        &self,
        (method, path, query): (&Method, &str, &[(&'static str, String)]),
        body: Option<Vec<u8>>,
    ) -> Result<Answer, Error> {
        let url = format!("{}{path}", self.base_url);
        let mut request = self.http.request(method.clone(), url).header(ACCEPT, JSON);
        if !query.is_empty() {
            request = request.query(query);
        }
        if let Some(token) = self.tokens.token(&self.http).await? {
            request = request.bearer_auth(token);
        }
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, JSON).body(body);
        }
        let begun = Instant::now();
        let answer = receive(request).await;
        if let Some(trace) = &self.trace {
            let milliseconds = begun.elapsed().as_millis();
            let end = match &answer {
                Ok(answer) => format!("{} ({} bytes)", answer.status, answer.body.len()),
                Err(error) => error.to_string(),
            };
            trace(&format!("{method} {path} -> {end}, {milliseconds} ms"));
        }
        answer
    }
}

async fn receive(request: reqwest::RequestBuilder) -> Result<Answer, Error> {
    let mut response = request.send().await?;
    Ok(Answer {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()),
        body: response.bytes().await?.to_vec(),
    })
}

/// How long to wait before the request is repeated, if it is to be: when it did not get there, when the registry
/// says that it did nothing, or when it does not matter what it did.
fn again(method: &Method, answer: &Result<Answer, Error>) -> Option<Duration> {
    match answer {
        Err(Error::Transport(error)) => {
            (error.is_connect() || method.is_safe()).then_some(Duration::ZERO)
        }
        Ok(answer) if matches!(answer.status, 502..=504) => {
            let asked = answer.headers.get(RETRY_AFTER);
            let seconds = asked.and_then(|text| text.to_str().ok()?.parse().ok());
            Some(Duration::from_secs(seconds.unwrap_or(0)))
        }
        Ok(answer) if answer.status == 500 && method.is_safe() => Some(Duration::ZERO),
        _ => None,
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

/// Checks an address and cuts the slash at its end; a path is not allowed.
pub(crate) fn base(address: &str) -> Result<String, Error> {
    let refuse = |problem: &str| Error::Setup(format!("{address} is no address: {problem}"));
    let url = Url::parse(address).map_err(|error| refuse(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("it must start with https://"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("it must end after the host and port"));
    }
    Ok(address.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::base;
    use crate::{Client, Error};

    #[test]
    fn addresses_have_no_path() {
        assert_eq!(base("https://a:1/").ok().as_deref(), Some("https://a:1"));
        for address in ["a", "ftp://a", "https://a/b", "https://a?b", "https://a#b"] {
            assert!(base(address).is_err(), "{address}");
        }
    }

    #[tokio::test]
    async fn calls_need_a_scope() -> Result<(), Error> {
        let client = Client::builder("http://127.0.0.1:1").build()?;
        assert!(matches!(client.get_registry().await, Err(Error::Setup(_))));
        let client = client.with_scope("o", "p");
        assert!(matches!(
            client.get_registry().await,
            Err(Error::Transport(_))
        ));
        Ok(())
    }
}
