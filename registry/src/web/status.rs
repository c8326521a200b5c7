//! What went wrong, as a page; and the headers that every page has.

use std::future::Future;

use actix_web::{
    HttpRequest, HttpResponse, Resource, ResponseError as _,
    dev::{Service as _, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{ACCEPT, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER},
    },
    web::Data,
};
use askama::Template;

use super::{
    frame::{Frame, Page, see},
    href,
};
use crate::{
    api::{measure::Measure, table::Factory, unknown_route as unknown},
    error::{Error, Result},
    telemetry::request_id,
};

/// What a page may load: what this host serves, and no script or style in the page itself.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
);

/// A resource whose errors are pages, and whose answers have the headers of pages.
pub(super) fn page(resource: Resource<impl Factory>) -> Resource<impl Factory> {
    resource.wrap_fn(|request, service| {
        let asked = request.request().clone();
        let answer = service.call(request);
        finish(asked, answer)
    })
}

async fn finish(
    asked: HttpRequest,
    answer: impl Future<Output = Result<ServiceResponse, actix_web::Error>>,
) -> Result<ServiceResponse, actix_web::Error> {
    let answer = match answer.await {
        Ok(answer) => answer,
        Err(error) => ServiceResponse::from_err(error, asked.clone()),
    };
    let error = answer.response().error();
    let shown = match error.map(|error| (error.as_error::<Error>(), error)) {
        None => None,
        Some((Some(error), _)) => Some(show(&asked, error)?),
        Some((None, other)) => {
            let other = Error::invalid("request", other.to_string());
            Some(show(&asked, &other)?)
        }
    };
    let mut answer = match shown {
        Some(shown) => answer.into_response(shown),
        None => answer,
    };
    secure(answer.headers_mut());
    Ok(answer)
}

/// Sets the headers of pages.
fn secure(headers: &mut HeaderMap) {
    let fixed = |name: &'static str, value: &'static str| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    };
    headers.insert(HeaderName::from_static("content-security-policy"), POLICY);
    for (name, value) in [
        // The address of a form is what says that it comes from here.
        fixed("referrer-policy", "same-origin"),
        fixed("cross-origin-opener-policy", "same-origin"),
        fixed("cross-origin-resource-policy", "same-origin"),
        fixed(
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ] {
        headers.insert(name, value);
    }
}

#[derive(Template)]
#[template(path = "status.html")]
struct StatusPage {
    frame: Frame,
    status: u16,
    heading: &'static str,
    message: String,
    request_id: String,
}

impl Page for StatusPage {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// The page that says what went wrong; or the sign-in page, when nobody is signed in.
fn show(asked: &HttpRequest, error: &Error) -> Result<HttpResponse> {
    if matches!(error, Error::Unauthenticated(_)) {
        let address = asked.uri().path_and_query().map(ToString::to_string);
        // What was sent by a form cannot be sent again by a link.
        let next = address.filter(|_| asked.method() == Method::GET);
        return Ok(see(&href::sign_in(next.as_deref().unwrap_or("/"))).finish());
    }
    let status = error.status_code();
    let heading = match status {
        StatusCode::NOT_FOUND => "There is no such page",
        StatusCode::FORBIDDEN => "That is not allowed",
        StatusCode::TOO_MANY_REQUESTS => "Too many attempts",
        StatusCode::SERVICE_UNAVAILABLE => "The registry cannot reach its database",
        StatusCode::INTERNAL_SERVER_ERROR => "Something is broken here",
        _ => "That did not work",
    };
    let message = match error {
        Error::Internal(_) => "It is not your doing. Whoever runs this registry finds the reason in its log under the id of this request.".into(),
        Error::Unavailable(_) | Error::Retry => "Load the page again in a moment.".into(),
        Error::Missing(crate::error::Kind::Route, _) => "Perhaps the search finds what you look for.".into(),
        other => other.to_string(),
    };
    let page = StatusPage {
        frame: Frame::bare(asked, heading),
        status: status.as_u16(),
        heading,
        message,
        request_id: request_id::current(),
    };
    let mut response = page.show_as(status)?;
    if let Some(seconds) = error.retry_after() {
        response.headers_mut().insert(RETRY_AFTER, seconds.into());
    }
    Ok(response)
}

/// With what the paths begin that always answer in JSON.
const API: [&str; 10] = [
    "/api/",
    "/packer/",
    "/oauth2/",
    "/resource-manager/",
    "/iam/",
    "/2019-12-10/",
    "/operation/",
    "/download/",
    "/livez",
    "/readyz",
];

/// What is answered where there is nothing: a page to browsers, else JSON.
pub(super) async fn unknown_route(
    request: HttpRequest,
    measure: Data<Measure>,
) -> Result<HttpResponse> {
    let error = match unknown(request.clone(), measure).await {
        Ok(_) => Error::internal("an unknown route was answered"),
        Err(error) => error,
    };
    let accepts = request.headers().get(ACCEPT);
    let accepts = accepts.is_some_and(|value| {
        value
            .as_bytes()
            .windows(b"text/html".len())
            .any(|part| part == b"text/html")
    });
    let is_api = API.iter().any(|prefix| request.path().starts_with(prefix));
    if !accepts || is_api {
        return Err(error);
    }
    let mut response = show(&request, &error)?;
    secure(response.headers_mut());
    Ok(response)
}
