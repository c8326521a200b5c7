//! Answers that are kept in memory: what they were made from, and until when they say the same.

use std::sync::{Arc, atomic::AtomicU64};

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    http::{
        Method, Uri,
        header::{AUTHORIZATION, HeaderMap},
    },
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{
    answer::{etag, form_of, tagged, untagged},
    convert::Shown,
};
use crate::{
    cache::{Audience, Form, KnownAnswer, Route},
    domain::{revocation::Revocation, time::Time},
    error::{Error, Result},
    state::State,
    store::{buckets::Bucket, views::VersionView},
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
    /// What was asked, and where.
    Asked(Asked),
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

/// What is asked of a project that the path does not name: the path and the query as they were sent, the form
/// of the answer, and the project's id. That is all that the answer depends on but for what it was made from.
pub(super) struct Asked(String);

impl Asked {
    /// Of a GET request in this project; `None` for what is not kept, such as a query that is too long.
    pub(super) fn of(request: &HttpRequest, project_id: &str) -> Option<Self> {
        let (uri, form) = (request.uri(), form_of(request.headers()));
        project_in(uri)?;
        Some(Self(asked(uri, form, project_id)))
    }
}

/// The place of an answer; no path and no query have a line break.
fn asked(uri: &Uri, form: Form, project_id: &str) -> String {
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let form = if form == Form::Text { "text" } else { "json" };
    format!("{path}?{query}\n{form}\n{project_id}")
}

/// How the query names the project, empty when it does not. `None` for what is unusual in any way: a path, or
/// the name of a parameter or of the project, that has to be decoded.
fn project_in(uri: &Uri) -> Option<&str> {
    let encoded = |text: &str| text.contains(['%', '+']);
    let query = uri.query().unwrap_or_default();
    if encoded(uri.path()) || query.len() > LONGEST {
        return None;
    }
    let mut project = "";
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        if encoded(name) || (name == "project" && encoded(value)) {
            return None;
        }
        if name == "project" {
            project = value;
        }
    }
    Some(project)
}

/// The token of whoever asks, as long as answers are given from memory.
fn asker<'a>(state: &State, headers: &'a HeaderMap) -> Option<&'a [u8]> {
    let header = headers.get(AUTHORIZATION)?;
    (!state.draining.is_on()).then(|| header.as_bytes())
}

/// The answer that is kept of what is asked where the query names the project, if this caller would be given
/// it now.
pub(crate) fn known_in_words(
    state: &State,
    headers: &HeaderMap,
    uri: &Uri,
) -> Option<Arc<KnownAnswer>> {
    let header = asker(state, headers)?;
    let (words, form) = (project_in(uri)?, form_of(headers));
    let (changes, now) = (state.store.changes(), state.clock.now());
    let place = |project_id: &str| asked(uri, form, project_id);
    let who = (header, words);
    state.cache.answer_in(changes, who, place, now)
}

/// The answer that is kept there, if this caller would be given it now.
pub(crate) fn known(state: &State, headers: &HeaderMap, place: &str) -> Option<Arc<KnownAnswer>> {
    let header = asker(state, headers)?;
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

    /// As the answer to this.
    pub(super) fn to(self, asked: Option<Asked>) -> Self {
        Self {
            place: asked.map_or(Place::Nowhere, Place::Asked),
            ..self
        }
    }
}

impl Responder for Keep {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Self { answer, place } = self;
        let response = if request.method() == Method::GET {
            let content = (&answer.body, answer.form);
            tagged(request.headers(), content, &answer.etag)
        } else {
            untagged(&answer.body)
        };
        let place = match &place {
            Place::Path if is_plain(request) => Some(request.path()),
            Place::Search(Search(place)) | Place::Asked(Asked(place)) => Some(place.as_str()),
            Place::Path | Place::Nowhere => None,
        };
        if let Some(state) = request.app_data::<Data<State>>() {
            state
                .store
                .changes()
                .saw(&answer.bucket_id, answer.revision);
            if let Some(place) = place {
                state.cache.keep_answer(place, answer);
            }
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
    /// Of the bucket.
    revision: i64,
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
        bucket: &Bucket,
    ) -> Self {
        Self {
            route,
            since,
            keys: vec![bucket.id.clone()],
            bucket_id: bucket.id.clone(),
            revision: bucket.revision,
            audience,
            until: None,
        }
    }

    /// Notes that it shows this version.
    pub(super) fn shows(&mut self, view: &VersionView, now: Time) {
        self.keys.extend(view.relatives.iter().cloned());
        self.shows_only(&view.version.id, view.revocation.as_ref(), now);
    }

    /// Notes that it shows the version of this id, which this revokes, and nothing of its relatives.
    pub(super) fn shows_only(&mut self, id: &str, revocation: Option<&Revocation>, now: Time) {
        self.keys.push(id.to_owned());
        let due = revocation.map(|revocation| revocation.revoke_at);
        let due = due.filter(|due| now < *due);
        self.until = self.until.into_iter().chain(due).min();
    }

    /// The answer in JSON.
    pub(super) fn keep<T: Serialize>(self, value: &T, shown: &Shown<'_>) -> Result<Keep> {
        let body = serde_json::to_vec(value).map_err(Error::internal)?;
        Ok(self.keep_as((body, Form::Json), shown))
    }

    /// The answer as it goes out.
    pub(super) fn keep_as(mut self, (mut body, form): (Vec<u8>, Form), shown: &Shown<'_>) -> Keep {
        // It was made in a buffer of up to twice its size, which would be kept as well.
        body.shrink_to_fit();
        let body = Bytes::from(body);
        self.keys.push(shown.project.id.clone());
        let answer = KnownAnswer {
            route: self.route,
            project_id: shown.project.id.clone(),
            bucket_id: self.bucket_id,
            revision: self.revision,
            audience: self.audience,
            etag: etag(&body),
            body,
            form,
            from: shown.now,
            until: self.until,
            keys: self.keys,
            since: self.since,
            // Not checked yet.
            checked: AtomicU64::new(u64::MAX),
        };
        Keep {
            answer: Arc::new(answer),
            place: Place::Path,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_found_in_a_query_unless_something_has_to_be_decoded() {
        let of = |text: &str| project_in(&text.parse().unwrap()).map(str::to_owned);
        for (text, project) in [
            ("/b/c", ""),
            ("/b/c?region=us%20east&label.a=b+c", ""),
            ("/b/c?region=x&project=p", "p"),
            ("/b/c?projects=x", ""),
        ] {
            assert_eq!(of(text).as_deref(), Some(project), "{text}");
        }
        for text in [
            "/b%2Fc",
            "/b/c?%70roject=p",
            "/b/c?project=a%20b",
            "/b/c?project=a+b",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
