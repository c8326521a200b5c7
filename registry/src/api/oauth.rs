//! `/oauth2/token`: the client credentials grant, with Basic or with form fields.

use std::net::Ipv4Addr;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use touchmark_wire::oauth::{AUDIENCE, CLIENT_CREDENTIALS, TokenError, TokenResponse};

use super::{address, request::Body};
use crate::{
    error::{Error, Result},
    ops::sign_in,
    state::State,
};

/// Bytes of a token request at most.
const LIMIT: usize = 16 * 1_024;

pub(super) async fn token(
    state: Data<State>,
    request: HttpRequest,
    body: Body,
) -> Result<HttpResponse> {
    let form = body.bytes(LIMIT).await?;
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&form).into_owned().collect();
    let field = |name: &str| {
        form.iter()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    };
    if field("grant_type") != CLIENT_CREDENTIALS {
        return Ok(refuse(
            "unsupported_grant_type",
            "grant_type must be client_credentials",
        ));
    }
    if !matches!(field("audience"), "" | AUDIENCE) {
        return Ok(refuse("invalid_request", "unknown audience"));
    }
    let (id, secret) = match request.headers().get(header::AUTHORIZATION) {
        Some(value) => match basic(value.as_bytes()) {
            Some(pair) => pair,
            None => {
                return Ok(refuse(
                    "invalid_request",
                    "the Authorization header is not Basic",
                ));
            }
        },
        None => (
            field("client_id").to_owned(),
            field("client_secret").to_owned(),
        ),
    };
    if id.is_empty() || secret.is_empty() || id.contains('\0') {
        return Ok(refuse(
            "invalid_request",
            "client id and client secret are required",
        ));
    }
    // Without an address all are one: that is never so for what comes over a network.
    let from = address::client(&request, &state).unwrap_or(Ipv4Addr::UNSPECIFIED.into());
    match sign_in::exchange(&state, from, id, &secret).await {
        Ok(token) => Ok(HttpResponse::Ok()
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .json(TokenResponse {
                access_token: token.access_token,
                token_type: "bearer".into(),
                expires_in: token.expires_in,
            })),
        Err(Error::Unauthenticated(why)) => {
            Ok(answer(StatusCode::UNAUTHORIZED, "invalid_client", why))
        }
        Err(error @ Error::TooMany(_)) => Ok(slow_down(&error)),
        Err(error) => Err(error),
    }
}

/// The id and the secret of a Basic header, each form-urlencoded before it was encoded (RFC 6749, 2.3.1).
fn basic(header: &[u8]) -> Option<(String, String)> {
    let text = std::str::from_utf8(header).ok()?;
    let (scheme, encoded) = text.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = String::from_utf8(BASE64.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = pair.split_once(':')?;
    Some((decoded(id), decoded(secret)))
}

fn decoded(text: &str) -> String {
    // As one value of a form: a bare `=` or `&` in it would end it, and an encoder leaves neither.
    let form = format!("v={text}");
    let value = url::form_urlencoded::parse(form.as_bytes()).next();
    value
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn slow_down(error: &Error) -> HttpResponse {
    let text = "too many failed attempts: wait for as long as Retry-After says";
    let mut answer = answer(StatusCode::TOO_MANY_REQUESTS, "slow_down", text);
    if let Some(seconds) = error.retry_after() {
        let headers = answer.headers_mut();
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    answer
}

fn refuse(error: &str, description: &str) -> HttpResponse {
    answer(StatusCode::BAD_REQUEST, error, description)
}

fn answer(status: StatusCode, error: &str, description: &str) -> HttpResponse {
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    if status == StatusCode::UNAUTHORIZED {
        response.insert_header((header::WWW_AUTHENTICATE, "Basic realm=\"touchmark\""));
    }
    response.json(TokenError {
        error: error.into(),
        error_description: description.into(),
    })
}
