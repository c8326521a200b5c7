//! Answers that are kept in memory: what they were made from, and until when they say the same.

use std::sync::{Arc, atomic::AtomicU64};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        Method,
        header::{AUTHORIZATION, HeaderMap},
    },
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{
    answer::{etag, tagged, untagged},
    convert::Shown,
};
use crate::{
    cache::{Audience, KnownAnswer, Route},
    domain::time::Time,
    error::{Error, Result},
    state::State,
    store::views::VersionView,
};

/// Bytes of a body at most with which an answer is kept.
const LONGEST: usize = 4 * 1_024;

/// An answer that is kept for whoever asks next.
pub(super) struct Keep {
    answer: Arc<KnownAnswer>,
    place: Place,
}

/// Under what an answer is kept.
enum Place {
    /// The path of the request.
    Path,
    /// What was searched for.
    Search(Search),
    /// Nothing: it is kept already, or would not be found again.
    Nowhere,
}

/// What is searched for: the path, a line break, which no path has, and the body.
pub(super) struct Search(String);

impl Search {
    /// Of a request with this body; `None` for what is not kept, such as a body that is too long.
    pub(super) fn of(request: &HttpRequest, body: &[u8]) -> Option<Self> {
        let body = std::str::from_utf8(body).ok()?;
        let fits = is_plain(request) && body.len() <= LONGEST;
        fits.then(|| Self(format!("{}\n{body}", request.path())))
    }

    /// What was found before, if this caller would be given it.
    pub(super) fn known(&self, state: &State, request: &HttpRequest) -> Option<Keep> {
        let answer = known(state, request.headers(), &self.0)?;
        state.metrics.answered_from_memory();
        Some(Keep {
            answer,
            place: Place::Nowhere,
        })
    }
}

/// The answer that is kept there, if this caller would be given it now.
pub(crate) fn known(state: &State, headers: &HeaderMap, place: &str) -> Option<Arc<KnownAnswer>> {
    if state.draining.is_on() {
        return None;
    }
    let header = headers.get(AUTHORIZATION)?.as_bytes();
    let (changes, now) = (state.store.changes(), state.clock.now());
    state.cache.answer(changes, (header, place), now)
}

/// Whether the path is all that is asked, in the one form that is enough of each.
fn is_plain(request: &HttpRequest) -> bool {
    request.uri().query().is_none() && !request.path().contains('%')
}

impl Keep {
    /// As what was found by this search.
    pub(super) fn found_by(self, search: Option<Search>) -> Self {
        Self {
            place: search.map_or(Place::Nowhere, Place::Search),
            ..self
        }
    }
}

impl Responder for Keep {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Self { answer, place } = self;
        let response = if request.method() == Method::GET {
            tagged(request.headers(), &answer.body, &answer.etag)
        } else {
            untagged(&answer.body)
        };
        let place = match &place {
            Place::Path if is_plain(request) => Some(request.path()),
            Place::Search(Search(place)) => Some(place.as_str()),
            Place::Path | Place::Nowhere => None,
        };
        if let Some((state, place)) = request.app_data::<Data<State>>().zip(place) {
            state.cache.keep_answer(place, answer);
        }
        response.map_into_boxed_body()
    }
}

/// What an answer is made from.
pub(super) struct Basis {
    route: Option<Route>,
    /// Before it was read, as [`crate::store::Changes::now`].
    since: u64,
    bucket_id: String,
    audience: Audience,
    keys: Vec<String>,
    until: Option<Time>,
}

impl Basis {
    /// An answer of this route, if it is given before the routes, to these, about a bucket, from what is read
    /// after `since`.
    pub(super) fn new(
        (route, audience): (Option<Route>, Audience),
        since: u64,
        bucket_id: String,
    ) -> Self {
        Self {
            route,
            since,
            keys: vec![bucket_id.clone()],
            bucket_id,
            audience,
            until: None,
        }
    }

    /// Notes that it shows this version.
    pub(super) fn shows(&mut self, view: &VersionView, now: Time) {
        self.keys.push(view.version.id.clone());
        self.keys.extend(view.relatives.iter().cloned());
        let due = view
            .revocation
            .as_ref()
            .map(|revocation| revocation.revoke_at);
        let due = due.filter(|due| now < *due);
        self.until = self.until.into_iter().chain(due).min();
    }

    /// The answer.
    pub(super) fn keep<T: Serialize>(mut self, value: &T, shown: &Shown<'_>) -> Result<Keep> {
        let mut body = serde_json::to_vec(value).map_err(Error::internal)?;
        // It was made in a buffer of up to twice its size, which would be kept as well.
        body.shrink_to_fit();
        let body = Bytes::from(body);
        self.keys.push(shown.project.id.clone());
        let answer = KnownAnswer {
            route: self.route,
            project_id: shown.project.id.clone(),
            bucket_id: self.bucket_id,
            audience: self.audience,
            etag: etag(&body),
            body,
            from: shown.now,
            until: self.until,
            keys: self.keys,
            since: self.since,
            // Not checked yet.
            checked: AtomicU64::new(u64::MAX),
        };
        Ok(Keep {
            answer: Arc::new(answer),
            place: Place::Path,
        })
    }
}
