//! What goes out: JSON with the headers that every answer has, and errors in the one form there is.

use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse, Responder, ResponseError,
    body::BoxBody,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
    web::Bytes,
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use touchmark_wire::error::{FieldViolation, Status};

use crate::{cache::Form, error::Error, ops::hex, telemetry::request_id};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const CSV: HeaderValue = HeaderValue::from_static("text/csv; charset=utf-8");
const PRIVATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// The result of a handler.
pub(super) type Answer<T> = Result<Json<T>, Error>;

/// A value that is answered as JSON with status 200: clients take no other status for success.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let body = match serde_json::to_vec(&self.0) {
            Ok(body) => Bytes::from(body),
            Err(error) => return Error::internal(error).error_response(),
        };
        if request.method() == Method::GET {
            let etag = etag(&body);
            return tagged(request.headers(), (&body, Form::Json), &etag).map_into_boxed_body();
        }
        untagged(&body).map_into_boxed_body()
    }
}

/// The form in which a request wants what there is in two: JSON when it accepts it by name.
pub(crate) fn form_of(request: &HeaderMap) -> Form {
    if accepts(request, "application/json") {
        Form::ChosenJson
    } else {
        Form::Text
    }
}

/// Whether a request accepts a media type by name.
pub(super) fn accepts(request: &HeaderMap, media_type: &str) -> bool {
    let accepted = request.get_all(header::ACCEPT);
    let mut accepted = accepted.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    accepted.any(|range| {
        let name = range.split(|byte| *byte == b';').next();
        name.is_some_and(|name| {
            name.trim_ascii()
                .eq_ignore_ascii_case(media_type.as_bytes())
        })
    })
}

fn describe(headers: &mut HeaderMap, form: Form) {
    let media_type = match form {
        Form::Text => TEXT,
        Form::Csv => CSV,
        Form::Json | Form::ChosenJson => JSON,
    };
    headers.insert(header::CONTENT_TYPE, media_type);
    headers.insert(header::CACHE_CONTROL, PRIVATE);
    if form != Form::Json {
        headers.insert(header::VARY, HeaderValue::from_static("Accept"));
    }
}

/// The entity tag of a body: a hash of its bytes.
pub(super) fn etag(body: &[u8]) -> HeaderValue {
    let hash = Sha256::digest(body);
    let text = hash.get(..16).map(hex).unwrap_or_default();
    HeaderValue::from_str(&format!("\"{text}\"")).unwrap_or(HeaderValue::from_static("\"\""))
}

/// A body with its entity tag, or 304 to whoever has it already (RFC 9110, 13.1.2).
pub(crate) fn tagged(
    request: &HeaderMap,
    (body, form): (&Bytes, Form),
    etag: &HeaderValue,
) -> HttpResponse<Bytes> {
    let mut response = if request
        .get_all(header::IF_NONE_MATCH)
        .any(|wanted| matches(wanted, etag))
    {
        HttpResponse::with_body(StatusCode::NOT_MODIFIED, Bytes::new())
    } else {
        HttpResponse::with_body(StatusCode::OK, body.clone())
    };
    describe(response.headers_mut(), form);
    response.headers_mut().insert(header::ETAG, etag.clone());
    response
}

/// JSON without an entity tag: the answer to a request that is not a GET.
pub(super) fn untagged(body: &Bytes) -> HttpResponse<Bytes> {
    let mut response = HttpResponse::with_body(StatusCode::OK, body.clone());
    describe(response.headers_mut(), Form::Json);
    response
}

/// Whether a list of entity tags names this one; weak ones count as well.
fn matches(wanted: &HeaderValue, etag: &HeaderValue) -> bool {
    let wanted = wanted.as_bytes().split(|byte| *byte == b',');
    wanted
        .map(<[u8]>::trim_ascii)
        .any(|tag| tag == b"*" || tag.strip_prefix(b"W/").unwrap_or(tag) == etag.as_bytes())
}

/// Bytes of a text in an error at most: what a caller sent is quoted, not sent back whole.
const QUOTED: usize = 1_024;
/// The same where the text says what there is instead.
const EXPLAINED: usize = 8 * 1_024;

/// The text, cut off where it is longer than so many bytes.
pub(super) fn brief(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(most);
    Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default()))
}

fn one_line(text: &str, most: usize) -> String {
    brief(text, most).replace(['\n', '\r'], " ")
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let (code, _) = self.code();
        let message = match self {
            // What went wrong inside is for the log alone.
            Self::Internal(source) => {
                let request_id = request_id::current();
                tracing::error!(error = %source, detail = ?source, "internal error");
                format!("internal error (request {request_id})")
            }
            Self::Unavailable(why) => {
                tracing::warn!(error = %why, "unavailable");
                "the registry cannot reach its database just now, try again".into()
            }
            Self::Detailed { error, .. } => one_line(&error.to_string(), EXPLAINED),
            other => one_line(&other.to_string(), QUOTED),
        };
        let mut status = Status::new(code, message);
        match self {
            Self::Invalid { field, problem } => {
                let (field, problem) = (brief(field, QUOTED), brief(problem, QUOTED));
                status = status.with_violation(FieldViolation::new(field, problem));
            }
            Self::Detailed { detail, .. } => status.details.push(detail.clone()),
            _ => {}
        }
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((header::CACHE_CONTROL, "no-store"));
        if matches!(self, Self::Unauthenticated(_)) {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        if let Some(seconds) = self.retry_after() {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        response.json(status)
    }
}
