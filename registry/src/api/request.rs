//! What comes in: JSON bodies with the field named that is wrong, and query parameters.

use actix_web::{FromRequest, HttpRequest, dev, http::header::CONTENT_TYPE, web::Payload};
use serde::de::DeserializeOwned;

use crate::{
    domain::limit,
    error::{Error, Result},
    store::{PageRequest, page::Listing, page::Wanted},
};

/// A body that has not been read yet, so that who sends it is checked first.
pub(super) struct Body {
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
        self.check_type()?;
        parse(&self.bytes(limit::BODY).await?)
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
    pub(super) async fn bytes(self, limit: usize) -> Result<actix_web::web::Bytes> {
        match self.payload.to_bytes_limited(limit).await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(_)) => Err(Error::invalid("body", "could not be read to its end")),
            Err(_) => Err(Error::TooLarge(limit)),
        }
    }
}

/// Reads a body as JSON, as [`Body::json`] does.
pub(super) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    let text: &[u8] = if bytes.trim_ascii().is_empty() {
        b"{}"
    } else {
        bytes
    };
    // Derived readers would take an array as well, field by field.
    if text.trim_ascii_start().first() != Some(&b'{')
        && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok()
    {
        return Err(Error::invalid("body", "must be a JSON object"));
    }
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        let field = if path == "." {
            "body".to_owned()
        } else {
            format!("body.{path}")
        };
        Error::invalid(field, plain(&error.into_inner()))
    })?;
    reader
        .end()
        .map_err(|error| Error::invalid("body", plain(&error)))?;
    Ok(value)
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
        let nul = pairs
            .iter()
            .find(|(name, value)| name.contains('\0') || value.contains('\0'));
        std::future::ready(match nul {
            Some(_) => Err(Error::invalid("query", "must not contain a NUL character")),
            None => Ok(Self(pairs)),
        })
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
