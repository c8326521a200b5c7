//! Answers that are kept in memory: what they were made from, and until when they say the same.

use std::sync::atomic::AtomicU64;

use actix_web::web::Bytes;
use serde::Serialize;

use super::{
    answer::{Keep, etag},
    convert::Shown,
};
use crate::{
    cache::{Audience, KnownAnswer, Route},
    domain::time::Time,
    error::{Error, Result},
    store::views::VersionView,
};

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
    /// An answer of this route about a bucket, from what is read after `since`.
    pub(super) fn new(route: Route, since: u64, bucket_id: String) -> Self {
        Self {
            route,
            since,
            keys: vec![bucket_id.clone()],
            bucket_id,
            audience: Audience::Readers,
            until: None,
        }
    }

    /// It is not the same for all who may read the bucket.
    pub(super) fn only_for(&mut self, audience: Audience) {
        self.audience = audience;
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
        let body = Bytes::from(serde_json::to_vec(value).map_err(Error::internal)?);
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
