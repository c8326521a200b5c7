//! Around every request: its id, in and out, and a line in the log.

use std::{future::Future, time::Instant};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{Service, ServiceRequest, ServiceResponse},
    http::{
        ConnectionType, StatusCode,
        header::{
            CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, STRICT_TRANSPORT_SECURITY,
            X_CONTENT_TYPE_OPTIONS,
        },
    },
    web::Data,
};

use crate::{
    api::address,
    domain::{id, time::Clock},
    state::State,
    store::LEASE,
    telemetry::request_id,
};

const NO_SNIFFING: HeaderValue = HeaderValue::from_static("nosniff");
/// What is no page loads nothing.
const NO_CONTENT: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
/// For a year, as one asks for.
const TLS_ALONE: HeaderValue = HeaderValue::from_static("max-age=31536000; includeSubDomains");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Runs one request with an id of its own, or the one that a proxy gave it.
pub(super) fn request<S, B>(
    request: ServiceRequest,
    service: &S,
) -> impl Future<Output = Result<ServiceResponse<B>, Error>> + use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody,
{
    let id = id_of(&request);
    let state = request.app_data::<Data<State>>().cloned();
    let line = Line {
        id: id.clone(),
        client: client(&request),
        method: request.method().to_string(),
        writes: !request.method().is_safe(),
        path: request.path().to_owned(),
        since: Instant::now(),
    };
    // Extractors run within this call, so it has to be inside as well.
    let answer = request_id::scope_now(id.clone(), || service.call(request));
    async move {
        let in_flight = state.as_ref().map(|state| state.draining.enter());
        let mut answer = request_id::scope(id, answer).await?;
        if let Some(state) = state.as_ref().filter(|state| state.draining.is_on()) {
            if line.writes && state.store.is_shared() {
                // The caller goes to another node next, where they may be known already. When they hear of
                // this, it must be known there as well.
                tokio::time::sleep(LEASE).await;
            }
            // Tells clients that speak HTTP/1 not to come back on this connection.
            answer
                .response_mut()
                .head_mut()
                .set_connection_type(ConnectionType::Close);
        }
        drop(in_flight);
        name(
            answer.headers_mut(),
            &line.id,
            state.as_deref().map(AsRef::as_ref),
        );
        line.write(answer.status());
        Ok(answer)
    }
}

/// The id that a proxy gave a request, or one of its own.
pub(super) fn id_of(request: &ServiceRequest) -> String {
    let sent = request
        .headers()
        .get(&REQUEST_ID)
        .and_then(|value| value.to_str().ok());
    match sent.filter(|sent| request_id::acceptable(sent)) {
        Some(sent) => sent.to_owned(),
        None => id::ulid(Clock::System.now()),
    }
}

/// Says in an answer which request it is to, and that it is nothing but what it says: pages say more.
pub(super) fn name(headers: &mut HeaderMap, id: &str, state: Option<&State>) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, NO_SNIFFING);
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, NO_CONTENT);
    }
    if state.is_some_and(|state| state.strict_transport) {
        headers.insert(STRICT_TRANSPORT_SECURITY, TLS_ALONE);
    }
    if let Ok(value) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, value);
    }
}

/// The address that a request came from, as far as that can be believed; empty when it is not known.
fn client(request: &ServiceRequest) -> String {
    let state = request.app_data::<Data<State>>();
    let client = state.and_then(|state| address::client(request.request(), state));
    client.map_or_else(String::new, |client| client.to_string())
}

/// What the log says of a request. Neither bodies nor headers: there are secrets in them.
struct Line {
    id: String,
    client: String,
    method: String,
    writes: bool,
    path: String,
    since: Instant,
}

impl Line {
    fn write(&self, status: StatusCode) {
        let Self {
            id,
            client,
            method,
            path,
            since,
            ..
        } = self;
        let status = status.as_u16();
        let elapsed_us = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
        // What machines ask all the time would hide the rest.
        let quiet = matches!(path.as_str(), "/livez" | "/readyz" | "/metrics") && status < 400;
        if quiet {
            tracing::debug!(
                request_id = id,
                client,
                method,
                path,
                status,
                elapsed_us,
                "request"
            );
        } else {
            tracing::info!(
                request_id = id,
                client,
                method,
                path,
                status,
                elapsed_us,
                "request"
            );
        }
    }
}
