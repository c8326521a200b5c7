//! `/livez`, `/readyz` and `/metrics`: what machines ask of a server.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, http::header, web::Data};
use serde_json::json;

use super::request::Query;
use crate::{
    error::{Error, Result},
    state::State,
    store,
    telemetry::metrics::{CONTENT_TYPE, ConnectionState},
};

/// The process runs and answers; nothing else is asked.
pub(super) async fn live() -> HttpResponse {
    HttpResponse::Ok().json(json!({ "status": "live" }))
}

/// Requests would be answered: the database, its schema, its writer. With `?verbose`, each by name.
pub(super) async fn ready(state: Data<State>, query: Query) -> HttpResponse {
    // Both at once: a database that is away must not be waited for twice.
    let (reads, writes) = tokio::join!(
        state.store.read(store::schema_is_current),
        state.store.writer_answers()
    );
    let checks = [
        ("serving", !state.draining.is_on()),
        ("database", reads.is_ok()),
        ("migrations", matches!(reads, Ok(true))),
        ("writer", writes.is_ok()),
    ];
    let good = checks.iter().all(|(_, good)| *good);
    let status = if good { "ready" } else { "not ready" };
    let word = |good: bool| if good { "ok" } else { "failed" };
    let checks: BTreeMap<_, _> = checks
        .iter()
        .map(|(name, good)| (*name, word(*good)))
        .collect();
    let body = if query.has("verbose") || !good {
        json!({ "status": status, "checks": checks })
    } else {
        json!({ "status": status })
    };
    if good {
        HttpResponse::Ok().json(body)
    } else {
        HttpResponse::ServiceUnavailable()
            .insert_header((header::RETRY_AFTER, "1"))
            .json(body)
    }
}

/// Everything that is counted, for Prometheus.
pub(super) async fn metrics(state: Data<State>) -> Result<HttpResponse> {
    let (open, busy) = state.store.connections();
    state.metrics.set_connections(ConnectionState::Busy, busy);
    state
        .metrics
        .set_connections(ConnectionState::Idle, open.saturating_sub(busy));
    let text = state.metrics.render().map_err(Error::internal)?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, CONTENT_TYPE))
        .body(text))
}
