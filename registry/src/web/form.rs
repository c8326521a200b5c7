//! Forms as they are sent. None is read that does not come from a page of ours.

use std::{future::Future, pin::Pin};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{HOST, HeaderMap, HeaderValue, ORIGIN},
};

use crate::{
    api::request::Body,
    auth::session::{SESSION, Token, VISITOR},
    error::{Error, Result},
};

/// Bytes of a form at most.
const LIMIT: usize = 256 * 1_024;
/// The field that holds the token.
const TOKEN: &str = "form_token";

/// The fields of a form that was given out to whoever sends it.
#[derive(Debug)]
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// The value of a field; empty when it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        value(&self.0, name)
    }

    /// Takes the value of a field out.
    pub(super) fn take(&mut self, name: &str) -> String {
        let mut fields = self.0.iter_mut();
        fields
            .find(|(key, _)| key == name)
            .map(|(_, value)| std::mem::take(value))
            .unwrap_or_default()
    }
}

/// The parameters behind the `?`.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

impl Query {
    /// The value of a parameter; empty when it was not sent.
    pub(super) fn text(&self, name: &str) -> &str {
        value(&self.0, name)
    }
}

/// The first value of this name.
fn value<'a>(fields: &'a [(String, String)], name: &str) -> &'a str {
    let mut fields = fields.iter();
    fields
        .find(|(key, _)| key == name)
        .map_or("", |(_, value)| value.as_str())
}

/// Fields as they are encoded in forms and addresses.
fn fields(encoded: &[u8]) -> Result<Vec<(String, String)>> {
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(encoded).into_owned().collect();
    if fields.iter().any(|(_, value)| value.contains('\0')) {
        return Err(Error::invalid("form", "must not contain a NUL character"));
    }
    Ok(fields)
}

impl FromRequest for Query {
    type Error = Error;
    type Future = std::future::Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        std::future::ready(fields(request.query_string().as_bytes()).map(Self))
    }
}

impl FromRequest for Form {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let body = Body::from_request(request, payload).into_inner();
        let from_here = is_from_here(request.headers());
        let cookies = [SESSION, VISITOR].map(|name| Token::of(request, name));
        Box::pin(async move {
            if !from_here {
                return Err(Error::Forbidden(
                    "this form was sent from a page of another site".into(),
                ));
            }
            let bytes = body?.bytes(LIMIT).await?;
            let form = Self(fields(&bytes)?);
            let token = form.text(TOKEN);
            if cookies.iter().flatten().any(|cookie| cookie.gave(token)) {
                return Ok(form);
            }
            Err(Error::Forbidden(
                "this form is too old, or your browser keeps no cookies: go back, load the page again and send it once more. \
                 Cookies need HTTPS, or localhost"
                    .into(),
            ))
        })
    }
}

/// Whether the browser says that a request comes from a page of ours. Those that say nothing are left to
/// the token.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
    match text("sec-fetch-site") {
        Some(site) => matches!(site, b"same-origin" | b"none"),
        None => match (text(ORIGIN.as_str()), text(HOST.as_str())) {
            (Some(origin), Some(host)) => {
                let origin = origin
                    .strip_prefix(b"https://")
                    .or(origin.strip_prefix(b"http://"));
                origin == Some(host)
            }
            _ => true,
        },
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderName;

    use super::*;

    #[test]
    fn a_form_from_another_site_is_known_by_what_the_browser_says() {
        let of = |headers: &[(&'static str, &'static str)]| {
            let headers = headers.iter().map(|(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            });
            is_from_here(&headers.collect())
        };
        assert!(of(&[("sec-fetch-site", "same-origin")]));
        assert!(!of(&[("sec-fetch-site", "cross-site")]));
        assert!(!of(&[("sec-fetch-site", "same-site")]));
        assert!(of(&[("host", "a:1"), ("origin", "https://a:1")]));
        assert!(!of(&[("host", "a:1"), ("origin", "https://b:1")]));
        assert!(!of(&[("host", "a:1"), ("origin", "null")]));
        assert!(of(&[("host", "a:1")]));
    }
}
