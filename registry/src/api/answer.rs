//! What goes out: JSON with the headers that every answer has, and errors in the one form there is.

use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse, Responder, ResponseError,
    body::BoxBody,
    http::{StatusCode, header},
};
use serde::Serialize;
use touchmark_wire::error::{FieldViolation, Status};

use crate::{error::Error, telemetry::request_id};

/// The result of a handler.
pub(super) type Answer<T> = Result<Json<T>, Error>;

/// A value that is answered as JSON with status 200: clients take no other status for success.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        match serde_json::to_vec(&self.0) {
            Ok(body) => HttpResponse::Ok()
                .insert_header((header::CONTENT_TYPE, "application/json"))
                .insert_header((header::CACHE_CONTROL, "private, no-cache"))
                .body(body),
            Err(error) => Error::internal(error).error_response(),
        }
    }
}

/// Bytes of a text in an error at most: what a caller sent is quoted, not sent back whole.
const QUOTED: usize = 1_024;

/// The text, cut off where it is too long.
fn brief(text: &str) -> Cow<'_, str> {
    if text.len() <= QUOTED {
        return Cow::Borrowed(text);
    }
    let end = text.floor_char_boundary(QUOTED);
    Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default()))
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
            other => brief(&other.to_string()).replace(['\n', '\r'], " "),
        };
        let mut status = Status::new(code, message);
        if let Self::Invalid { field, problem } = self {
            status = status.with_violation(FieldViolation::new(brief(field), brief(problem)));
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
