//! Before everything else: answers the hottest reads from memory. What is unusual in any way falls through
//! to the routes, so that the two cannot differ.

use std::{future::Future, sync::Arc, time::Instant};

use actix_web::{
    Either, Error, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse},
    http::Method,
    web::{Bytes, Data},
};

use super::observe;
use crate::{
    api::{answer, keep},
    cache::KnownAnswer,
    state::State,
};

/// With what the paths begin of everything that is kept under a path alone.
const PREFIX: &str = "/packer/2023-01-01/";
/// With what the paths begin of what is kept under project, path, query and form.
const RESOLVE: &str = "/api/v1/resolve/";

/// Answers from memory, or lets `service` do it.
pub(super) fn request<S, B>(
    state: &Data<State>,
    request: ServiceRequest,
    service: &S,
) -> impl Future<Output = Result<ServiceResponse<EitherBody<Bytes, B>>, Error>> + use<S, B>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    S::Future: 'static,
    B: MessageBody,
{
    let begun = Instant::now();
    let answered = match known(state, &request) {
        Some(known) => {
            let answer = respond(state, &request, (&known, begun));
            Either::Left(request.into_response(answer))
        }
        None => Either::Right(service.call(request)),
    };
    async move {
        match answered {
            Either::Left(answer) => Ok(answer.map_into_left_body()),
            Either::Right(next) => Ok(next.await?.map_into_right_body()),
        }
    }
}

/// The answer that this caller would be given, if it is kept.
fn known(state: &State, request: &ServiceRequest) -> Option<Arc<KnownAnswer>> {
    if request.method() != Method::GET {
        return None;
    }
    let path = request.path();
    if path.starts_with(RESOLVE) {
        return keep::known_in_words(state, request.headers(), request.uri());
    }
    let plain = request.uri().query().is_none() && path.starts_with(PREFIX);
    if !plain {
        return None;
    }
    keep::known(state, request.headers(), path)
}

fn respond(
    state: &State,
    request: &ServiceRequest,
    (known, begun): (&KnownAnswer, Instant),
) -> HttpResponse<Bytes> {
    let measured = known.route.map(|route| state.cache.route(route).begin());
    let content = (&known.body, known.form);
    let mut response = answer::tagged(request.headers(), content, &known.etag);
    let id = observe::id_of(request);
    tracing::debug!(
        request_id = id,
        path = request.path(),
        status = response.status().as_u16(),
        "request answered from memory"
    );
    state.metrics.answered_from_memory();
    observe::name(response.headers_mut(), &id, Some(state));
    if let Some(measured) = measured {
        measured.answered(response.status().as_u16(), begun.elapsed());
    }
    response
}
