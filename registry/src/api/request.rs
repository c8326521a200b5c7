//! What comes in: JSON bodies with the field named that is wrong, and query parameters.

use std::{collections::HashSet, fmt, time::Duration};

use actix_web::{
    FromRequest, HttpRequest, dev,
    http::header::CONTENT_TYPE,
    web::{Bytes, Payload},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, MapAccess, SeqAccess, Visitor},
};

use crate::{
    domain::limit,
    error::{Error, Result},
    store::{PageRequest, page::Listing, page::Wanted},
};

/// How long any body may take to arrive.
const LONGEST: Duration = Duration::from_mins(5);

/// A body that has not been read yet, so that who sends it is checked first.
pub(crate) struct Body {
    payload: Payload,
    media_type: Option<String>,
}

impl FromRequest for Body {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let media_type = request
            .headers()
            .get(CONTENT_TYPE)
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let payload = Payload::from_request(request, payload).into_inner();
        std::future::ready(
            payload
                .map_err(|error| Error::internal(error.to_string()))
                .map(|payload| Self {
                    payload,
                    media_type,
                }),
        )
    }
}

impl Body {
    /// Reads it as JSON. An empty body reads as an empty object.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::MediaType`], or [`Error::Invalid`] naming the field.
    pub(super) async fn json<T: DeserializeOwned>(self) -> Result<T> {
        read(&self.json_bytes().await?)
    }

    /// Reads what is said to be JSON, as it is.
    pub(super) async fn json_bytes(self) -> Result<Bytes> {
        self.check_type()?;
        self.bytes(limit::BODY).await
    }

    /// Refuses what is not said to be JSON.
    pub(super) fn check_type(&self) -> Result<()> {
        if let Some(media_type) = &self.media_type {
            let essence = media_type.split(';').next().unwrap_or_default().trim();
            if !essence.eq_ignore_ascii_case("application/json") && !essence.ends_with("+json") {
                return Err(Error::MediaType(essence.to_owned()));
            }
        }
        Ok(())
    }

    /// Reads it as it is.
    pub(crate) async fn bytes(self, limit: usize) -> Result<Bytes> {
        arrive(self.payload.to_bytes_limited(limit), patience(limit))
            .await?
            .map_err(|_| Error::TooLarge(limit))?
            .map_err(|_| Error::invalid("body", "could not be read to its end"))
    }
}

/// How long a body may take to arrive: whoever sends it byte by byte must not hold a connection, and room,
/// for ever. The largest that a route takes passes at 64 KiB a second, or in five minutes.
fn patience(limit: usize) -> Duration {
    let seconds = u64::try_from(limit / (64 * 1_024)).unwrap_or(u64::MAX);
    Duration::from_secs(seconds.saturating_add(30)).min(LONGEST)
}

/// Waits for a body, but not for ever.
async fn arrive<T>(body: impl Future<Output = T>, patience: Duration) -> Result<T> {
    tokio::time::timeout(patience, body).await.map_err(|_| {
        let seconds = patience.as_secs();
        Error::invalid("body", format!("did not arrive within {seconds} s"))
    })
}

/// Reads a body as JSON.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::invalid("body", "must be JSON in UTF-8"))?
        .trim();
    let text = if text.is_empty() { "{}" } else { text };
    // Readers of fields skip what they do not know, take an array for an object, and of a label that
    // is sent twice the last.
    parse::<Plain>(text)?;
    if !text.starts_with('{') {
        return Err(Error::invalid("body", "must be a JSON object"));
    }
    parse(text)
}

/// Reads JSON, and names the field at which that fails.
fn parse<T: DeserializeOwned>(text: &str) -> Result<T> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let field = match path.as_str() {
            "." => "body".to_owned(),
            path => format!("body.{path}"),
        };
        Error::invalid(field, plain(&error.into_inner()))
    })?;
    reader
        .end()
        .map_err(|error| Error::invalid("body", plain(&error)))?;
    Ok(value)
}

/// Any JSON in which no object has the same key twice. How deep it may be nested is limited by the reader.
struct Plain;

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Plain {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self, A::Error> {
        while items.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Self, A::Error> {
        let mut seen = HashSet::new();
        while let Some((key, Self)) = pairs.next_entry::<String, Self>()? {
            if let Some(key) = seen.replace(key) {
                return Err(A::Error::custom(format!("has the key {key:?} twice")));
            }
        }
        Ok(self)
    }
}

/// What serde says, on one line.
fn plain(error: &serde_json::Error) -> String {
    error.to_string().replace(['\n', '\r'], " ")
}

/// The parameters of a query, which may repeat.
pub(super) struct Query(Vec<(String, String)>);

impl FromRequest for Query {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(request.query_string().as_bytes())
                .into_owned()
                .collect();
        let wrong = pairs.iter().find_map(|(name, value)| {
            let field = match unfit(name) {
                Some(problem) => return Some(Error::invalid("query", problem)),
                None => format!("query.{name}"),
            };
            unfit(value).map(|problem| Error::invalid(field, problem))
        });
        std::future::ready(wrong.map_or(Ok(Self(pairs)), Err))
    }
}

/// What no text of a query may have in it. What is not UTF-8 was decoded to the replacement character,
/// which nobody sends.
fn unfit(text: &str) -> Option<&'static str> {
    if text.contains('\0') {
        Some("must not contain a NUL character")
    } else if text.contains(char::REPLACEMENT_CHARACTER) {
        Some("must be UTF-8")
    } else {
        None
    }
}

impl Query {
    /// The value of a parameter; empty when it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// All values of a parameter that may repeat.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.0.iter().filter(move |(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }

    /// Whether a parameter was sent.
    pub(super) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Which rows of a list are wanted.
    pub(super) fn page(&self, listing: &Listing) -> Result<PageRequest> {
        let order_by = self.0.iter().filter(|(key, _)| key == "sorting.order_by");
        let wanted = Wanted {
            page_size: self.get("pagination.page_size").to_owned(),
            next: self.get("pagination.next_page_token").to_owned(),
            previous: self.get("pagination.previous_page_token").to_owned(),
            order_by: order_by.map(|(_, value)| value.clone()).collect(),
        };
        PageRequest::parse(&wanted, listing)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn refused(text: &str) -> String {
        let refused = read::<Value>(text.as_bytes());
        refused.expect_err("a refusal").to_string()
    }

    #[test]
    fn what_is_sent_twice_is_named_wherever_it_is() {
        for (text, place) in [
            (r#"{"a":1,"a":1}"#, "body: has the key \"a\" twice"),
            (r#"{"a":1,"\u0061":1}"#, "body: has the key \"a\" twice"),
            (r#"{"x":[{"b":{"a":1,"a":2}}]}"#, "body.x[0].b: has the key"),
        ] {
            assert!(refused(text).starts_with(place), "{}", refused(text));
        }
        assert!(read::<Value>(br#"{"a":{"a":[{"a":1},{"a":1}]}}"#).is_ok());
    }

    #[test]
    fn depth_is_limited_also_where_nobody_looks() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        let body = |depth| format!("{{\"x\":{}}}", nested(depth));
        assert!(read::<Value>(body(100).as_bytes()).is_ok());
        for text in [body(10_000), nested(10_000), "[".repeat(1_000_000)] {
            assert!(refused(&text).contains("recursion limit"), "{text:.20}");
        }
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_not_waited_for_without_end() {
        let never = std::future::pending::<()>();
        let error = arrive(never, Duration::from_millis(1)).await;
        let error = error.expect_err("a refusal").to_string();
        assert_eq!(error, "body: did not arrive within 0 s");
        assert_eq!(patience(limit::BODY), Duration::from_secs(62));
        assert_eq!(patience(limit::SBOM_BODY), LONGEST);
    }
}
