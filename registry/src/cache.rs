//! What is kept in memory so that the hottest requests need no database: callers by their tokens, and
//! answers by their paths.
//!
//! Nothing here is authoritative. What is kept is held against [`Changes`] each time it is used: it is good
//! while nothing that it was made from has changed, and while this node knows what others change. Whoever
//! is in doubt asks the database.

pub mod board;
mod follower;
mod token;

use std::{
    hash::Hash,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use actix_web::{http::header::HeaderValue, web::Bytes};
use quick_cache::{Equivalent, Weighter, sync::Cache as Kept};

pub use follower::Follower;
pub use token::Where;

use token::{Token, TokenRef};

use crate::{
    domain::{role::Action, time::Time},
    ops::Access,
    store::{Changes, channels::Channel},
    telemetry::{metrics::Metrics, routes::RouteMetrics},
};

/// Callers that are remembered.
const CALLERS: usize = 10_000;
/// What an answer takes beside its bytes, roughly: itself, and its place in the table.
const OVERHEAD: usize = 1_024;

/// What one server keeps.
#[expect(missing_debug_implementations, reason = "there are tokens in it")]
pub struct Cache {
    boards: board::Shelf,
    callers: Kept<Token, Arc<KnownCaller>>,
    answers: Option<Kept<Place, Arc<KnownAnswer>, ByBytes>>,
    channel: RouteMetrics,
    channels: RouteMetrics,
    version: RouteMetrics,
    resolve: RouteMetrics,
}

/// The routes whose answers are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// One channel.
    Channel,
    /// The channels of a bucket.
    Channels,
    /// One version.
    Version,
    /// The artifact that a channel gives.
    Resolve,
}

/// A caller whose token was found good.
struct KnownCaller {
    access: Arc<Access>,
    /// When it was looked up, as [`Changes::now`].
    since: u64,
    /// When it was looked up: they may have come from another node, and know what they did there.
    met: Instant,
    /// When the token or its secret ends.
    until: Time,
}

/// To whom an answer is given, of those who may read the bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// All of them.
    Readers,
    /// Those who see restricted channels: it is about one, or shows some.
    Seers,
    /// Those who do not see restricted channels, of which it would show some.
    Others,
}

impl Audience {
    /// Who is given answers about a channel.
    pub fn of(channel: &Channel) -> Self {
        if channel.restricted {
            Self::Seers
        } else {
            Self::Readers
        }
    }
}

/// What the bytes of an answer are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// JSON, whatever the request accepts.
    Json,
    /// JSON, since the request accepts it by name.
    ChosenJson,
    /// Text, since the request does not accept JSON by name.
    Text,
    /// A table with commas, since the request asks for it.
    Csv,
}

/// A path, and whether its answer is the one without restricted channels.
#[derive(PartialEq, Eq, Hash)]
struct Place {
    path: String,
    others: bool,
}

/// The same, borrowed from a request.
#[derive(Hash)]
struct PlaceRef<'a> {
    path: &'a str,
    others: bool,
}

impl Equivalent<Place> for PlaceRef<'_> {
    fn equivalent(&self, place: &Place) -> bool {
        self.path == place.path && self.others == place.others
    }
}

/// An answer with status 200 to whoever may read the bucket.
#[expect(missing_debug_implementations, reason = "there is nothing to show")]
pub struct KnownAnswer {
    /// What it is an answer to; `None` when a handler gives it, whose requests are counted as any.
    pub route: Option<Route>,
    /// The project that it is about.
    pub project_id: String,
    /// The bucket that it is about.
    pub bucket_id: String,
    /// The revision of the bucket that it shows.
    pub revision: i64,
    /// To whom it is given.
    pub audience: Audience,
    /// What goes out.
    pub body: Bytes,
    /// What that is.
    pub form: Form,
    /// A hash of the body, in quotes.
    pub etag: HeaderValue,
    /// When it was made. The clock may be turned back.
    pub from: Time,
    /// When it says something else by itself, since a revocation falls due.
    pub until: Option<Time>,
    /// What it was made from: ids of buckets, versions, projects.
    pub keys: Vec<String>,
    /// When that was read, as [`Changes::now`].
    pub since: u64,
    /// When it was last found good, as [`Changes::now`].
    pub checked: AtomicU64,
}

impl KnownAnswer {
    /// Whether this caller would be given it.
    fn is_for(&self, access: &Access) -> bool {
        let may = |action: Action| access.check(action, Some(&self.bucket_id)).is_ok();
        may(Action::Read)
            && match self.audience {
                Audience::Readers => true,
                Audience::Seers => may(Action::SeeRestricted),
                Audience::Others => !may(Action::SeeRestricted),
            }
    }

    /// Whether it would be given now as well.
    fn is_good(&self, changes: &Changes, now: Time) -> bool {
        if now < self.from || self.until.is_some_and(|until| until <= now) {
            return false;
        }
        let known = changes.now();
        if self.checked.load(Ordering::Acquire) == known {
            return true;
        }
        let good = changes.unchanged(self.since, &self.keys)
            && changes.is_newest(&self.bucket_id, self.revision);
        if good {
            self.checked.store(known, Ordering::Release);
        }
        good
    }
}

/// Answers weigh as much as they take.
#[derive(Clone)]
struct ByBytes;

impl Weighter<Place, Arc<KnownAnswer>> for ByBytes {
    fn weight(&self, place: &Place, answer: &Arc<KnownAnswer>) -> u64 {
        let keys: usize = answer.keys.iter().map(String::len).sum();
        let bytes = place.path.len() + answer.body.len() + keys;
        // Pieces of memory come in sizes a fifth apart, and some are free between those in use.
        let bytes = bytes + bytes / 4 + OVERHEAD;
        u64::try_from(bytes).unwrap_or(u64::MAX)
    }
}

impl Cache {
    /// Keeps answers of so many bytes; none at all for 0.
    pub fn new(bytes: u64, metrics: &Metrics) -> Self {
        let route = |pattern: &str| metrics.route(pattern, "GET");
        let bucket = "/packer/2023-01-01/buckets/{bucket}";
        let few = usize::try_from(bytes / 2_048).unwrap_or(usize::MAX);
        Self {
            boards: board::Shelf::new(bytes > 0),
            callers: Kept::new(CALLERS),
            answers: (bytes > 0).then(|| Kept::with_weighter(few.max(16), bytes, ByBytes)),
            channel: route(&format!("{bucket}/channels/{{channel}}")),
            channels: route(&format!("{bucket}/channels")),
            version: route(&format!("{bucket}/versions/{{fingerprint}}")),
            resolve: route("/api/v1/resolve/{bucket}/{channel}"),
        }
    }

    /// The counters of a route.
    pub fn route(&self, route: Route) -> &RouteMetrics {
        match route {
            Route::Channel => &self.channel,
            Route::Channels => &self.channels,
            Route::Version => &self.version,
            Route::Resolve => &self.resolve,
        }
    }

    /// What is known of the bearer of a token in a project, if that is still so.
    pub fn caller(
        &self,
        changes: &Changes,
        (header, place): (&[u8], Where<'_>),
        now: Time,
    ) -> Option<Arc<Access>> {
        let caller = self.known_caller(changes, (header, place), now)?;
        Some(Arc::clone(&caller.access))
    }

    fn known_caller(
        &self,
        changes: &Changes,
        (header, place): (&[u8], Where<'_>),
        now: Time,
    ) -> Option<Arc<KnownCaller>> {
        let caller = self.callers.get(&TokenRef::new(header, place))?;
        let good = changes.are_known() && changes.identity() <= caller.since && now < caller.until;
        good.then_some(caller)
    }

    /// Keeps what was found of the bearer of a token, from before `since` on and until `until`. Answers from
    /// memory are given to them as soon as the log has been read once more, which is asked for.
    pub fn keep_caller(
        &self,
        changes: &Changes,
        (header, place): (&[u8], Where<'_>),
        access: Arc<Access>,
        (since, until): (u64, Time),
    ) {
        let token = TokenRef::new(header, place).to_owned();
        let caller = KnownCaller {
            access,
            since,
            met: Instant::now(),
            until,
        };
        self.callers.insert(token, Arc::new(caller));
        changes.ask();
    }

    /// The answer to a path that this caller would be given now; `header` is their token.
    pub fn answer(
        &self,
        changes: &Changes,
        (header, path): (&[u8], &str),
        now: Time,
    ) -> Option<Arc<KnownAnswer>> {
        let answers = self.answers.as_ref()?;
        [false, true].into_iter().find_map(|others| {
            let answer = answers.get(&PlaceRef { path, others })?;
            let place = Where::Id(&answer.project_id);
            let caller = self.trusted_caller(changes, (header, place), now)?;
            let given = answer.is_good(changes, now) && answer.is_for(&caller.access);
            given.then_some(answer)
        })
    }

    /// The answer that this caller would be given now where the project is said in words: what is kept under
    /// `path` of the id of the project that they mean.
    pub fn answer_in(
        &self,
        changes: &Changes,
        (header, words): (&[u8], &str),
        path: impl FnOnce(&str) -> String,
        now: Time,
    ) -> Option<Arc<KnownAnswer>> {
        let answers = self.answers.as_ref()?;
        let caller = self.trusted_caller(changes, (header, Where::Words(words)), now)?;
        let project_id = caller.access.project.id.as_str();
        let path = path(project_id);
        let answer = answers.get(&PlaceRef {
            path: &path,
            others: false,
        })?;
        let given = answer.project_id == project_id
            && answer.is_good(changes, now)
            && answer.is_for(&caller.access);
        given.then_some(answer)
    }

    /// Whether what is kept may be shown to the bearer of this token: they are known, and it is not older than
    /// what they may know from other nodes.
    pub fn trusts(&self, changes: &Changes, who: (&[u8], Where<'_>), now: Time) -> bool {
        self.trusted_caller(changes, who, now).is_some()
    }

    /// A caller who is known, and to whom nothing older is told than what they may know from other nodes.
    fn trusted_caller(
        &self,
        changes: &Changes,
        (header, place): (&[u8], Where<'_>),
        now: Time,
    ) -> Option<Arc<KnownCaller>> {
        let caller = self.known_caller(changes, (header, place), now)?;
        changes.are_known_until(caller.met).then_some(caller)
    }

    /// Keeps the answer to a path.
    pub fn keep_answer(&self, path: &str, answer: Arc<KnownAnswer>) {
        if let Some(answers) = &self.answers {
            let place = Place {
                path: path.to_owned(),
                others: answer.audience == Audience::Others,
            };
            answers.insert(place, answer);
        }
    }
}
