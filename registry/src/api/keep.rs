//! Answers that are kept in memory: what they were made from, and until when they say the same.

use std::sync::atomic::AtomicU64;

use actix_web::{
    HttpRequest, HttpResponse, Responder,
    body::BoxBody,
    web::{Bytes, Data},
};
use serde::Serialize;

use super::{
    answer::{etag, tagged},
    convert::Shown,
};
use crate::{
    cache::{Audience, KnownAnswer, Route},
    domain::time::Time,
    error::{Error, Result},
    state::State,
    store::views::VersionView,
};

/// An answer that is kept for whoever asks next.
pub(super) struct Keep(KnownAnswer);

impl Responder for Keep {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Self(answer) = self;
        let response = tagged(request.headers(), &answer.body, &answer.etag);
        // One form of each path is enough.
        let plain = request.uri().query().is_none() && !request.path().contains('%');
        if let Some(state) = request.app_data::<Data<State>>().filter(|_| plain) {
            state.cache.keep_answer(request.path(), answer);
        }
        response.map_into_boxed_body()
    }
}

/// What an answer is made from.
pub(super) struct Basis {
    route: Route,
    /// Before it was read, as [`crate::store::Changes::now`].
    since: u64,
    bucket_id: String,
    audience: Audience,
    keys: Vec<String>,
    until: Option<Time>,
}

impl Basis {
    /// An answer of this route, to these, about a bucket, from what is read after `since`.
    pub(super) fn new((route, audience): (Route, Audience), since: u64, bucket_id: String) -> Self {
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
        Ok(Keep(KnownAnswer {
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
        }))
    }
}
