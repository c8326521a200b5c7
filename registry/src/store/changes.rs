//! What changed when, as far as this node knows: what is kept in memory is held against it.
//!
//! Every change appends an event, and what an event makes stale is decided here, in one way for the
//! transactions of this node, which say so when they end, and for those of others, which are read from the
//! log. Times are a count that goes up with each change, so that no clock is needed.

use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use serde::Deserialize;
use tokio::sync::Notify;

/// How long what is kept may be used after the log was read last. It bounds how old an answer of this node
/// can be when another node has changed something, also while the database is out of reach.
pub const LEASE: Duration = Duration::from_secs(1);
/// Keys that are remembered; beyond that all is forgotten, and with it what was kept.
const MOST: usize = 100_000;

/// What an event makes stale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    keys: Vec<String>,
    /// Whether who somebody is, or what they may do, may have changed.
    identity: bool,
}

/// What is known of an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Recorded<'a> {
    pub(super) project_id: &'a str,
    pub(super) bucket_id: &'a str,
    pub(super) action: &'a str,
    pub(super) kind: &'a str,
    pub(super) id: &'a str,
    pub(super) payload: &'a str,
}

/// As much of the payload of a build as says what it was built from.
#[derive(Deserialize)]
struct Payload {
    after: Option<Build>,
}

#[derive(Deserialize)]
struct Build {
    parent_version_id: String,
}

impl Change {
    /// What this event makes stale: the bucket that it is in, and more where answers about other buckets
    /// show it. What is not known here makes all of its project stale.
    pub(super) fn of(event: Recorded<'_>) -> Self {
        let Recorded {
            project_id,
            bucket_id,
            ..
        } = event;
        let deleted = event.action.ends_with(".deleted");
        match event.kind {
            // What was built from what is gone, or gave it a descendant, may be in any bucket. Roles are given
            // on buckets as well.
            "bucket" if deleted => {
                Self::new(&[bucket_id, project_id, &buckets_of(project_id)], true)
            }
            "bucket" if event.action == "bucket.created" => {
                Self::new(&[bucket_id, &buckets_of(project_id)], false)
            }
            "version" | "build" | "channel" if deleted => {
                Self::new(&[bucket_id, project_id], false)
            }
            "bucket" | "version" | "channel" | "sbom" if !bucket_id.is_empty() => {
                Self::new(&[bucket_id], false)
            }
            "freshness" if bucket_id.is_empty() => Self::new(&[&freshness_of(project_id)], false),
            "freshness" => Self::new(&[bucket_id], false),
            // The parent has a descendant now.
            "build" => {
                let parent = parent_of(event.payload);
                Self::new(&[bucket_id, parent.as_deref().unwrap_or(project_id)], false)
            }
            _ => Self::new(&[bucket_id, project_id, event.id], true),
        }
    }

    /// Of these keys, but for those that are empty.
    fn new(keys: &[&str], identity: bool) -> Self {
        let keys = keys.iter().filter(|key| !key.is_empty());
        Self {
            keys: keys.map(|key| (*key).to_owned()).collect(),
            identity,
        }
    }
}

/// The key of which buckets a project has.
pub fn buckets_of(project_id: &str) -> String {
    format!("{project_id}/buckets")
}

/// The key of what counts as outdated in a project.
pub fn freshness_of(project_id: &str) -> String {
    format!("{project_id}/freshness")
}

/// What a build was made from, empty for nothing; `None` when the payload does not say.
fn parent_of(payload: &str) -> Option<String> {
    let payload: Payload = serde_json::from_str(payload).ok()?;
    payload.after.map(|build| build.parent_version_id)
}

/// What changed when.
#[derive(Debug)]
pub struct Changes {
    begun: Instant,
    /// How many changes there were.
    count: AtomicU64,
    /// At which of them who somebody is changed last.
    identity: AtomicU64,
    /// When the log was read last, in milliseconds after `begun` plus one; 0 when it never was.
    followed: AtomicU64,
    times: Mutex<Times>,
    /// Wakes who reads the log before their time.
    asked: Notify,
}

#[derive(Debug, Default)]
struct Times {
    by_key: HashMap<String, u64>,
    /// The newest revision of each bucket that was read here.
    revisions: HashMap<String, i64>,
    /// Nothing is known of what changed up to here.
    unknown: u64,
}

impl Times {
    /// When a change is noted that comes after `last`. There is room for it.
    fn begin(&mut self, last: u64) -> u64 {
        let now = last + 1;
        if self.by_key.len().max(self.revisions.len()) > MOST {
            self.forget(now);
        }
        now
    }

    /// All that was read until now counts as changed.
    fn forget(&mut self, now: u64) {
        self.by_key.clear();
        self.revisions.clear();
        self.unknown = now;
    }
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            begun: Instant::now(),
            count: AtomicU64::default(),
            identity: AtomicU64::default(),
            followed: AtomicU64::default(),
            times: Mutex::default(),
            asked: Notify::default(),
        }
    }
}

impl Changes {
    /// Now. What is read from the database after this was asked shows at least what changed until then.
    pub fn now(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    /// When who somebody is, or what they may do, changed last.
    pub fn identity(&self) -> u64 {
        self.identity.load(Ordering::Acquire)
    }

    /// Whether nothing of these keys changed after `since`, as far as is still known.
    pub fn unchanged(&self, since: u64, keys: &[String]) -> bool {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let changed = |key: &String| times.by_key.get(key).is_some_and(|time| *time > since);
        times.unknown <= since && !keys.iter().any(changed)
    }

    /// Notes that a bucket was read at this revision: what was read of it at an older one is not told to
    /// anybody any more, though the log may not have said yet that it changed.
    pub fn saw(&self, bucket_id: &str, revision: i64) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        match times.revisions.get_mut(bucket_id) {
            Some(newest) if revision <= *newest => return,
            Some(newest) => *newest = revision,
            // Nothing is kept that was read before.
            None => {
                times.revisions.insert(bucket_id.to_owned(), revision);
                return;
            }
        }
        let now = times.begin(self.now());
        self.count.store(now, Ordering::Release);
    }

    /// Whether nobody here read the bucket at a newer revision than this, as far as is still known.
    pub fn is_newest(&self, bucket_id: &str, revision: i64) -> bool {
        let times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = times.revisions.get(bucket_id);
        newest.is_none_or(|newest| *newest <= revision)
    }

    /// Notes changes: of a transaction of this node when it has ended and before anybody is told, of
    /// others when they are found in the log.
    pub fn note(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let now = times.begin(self.now());
        for change in changes {
            for key in &change.keys {
                match times.by_key.get_mut(key) {
                    Some(time) => *time = now,
                    None => {
                        times.by_key.insert(key.clone(), now);
                    }
                }
            }
            if change.identity {
                self.identity.store(now, Ordering::Release);
            }
        }
        // Last: who sees it must find the rest.
        self.count.store(now, Ordering::Release);
    }

    /// Notes that anything may have changed.
    pub fn forget(&self) {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.now() + 1;
        times.forget(now);
        self.identity.store(now, Ordering::Release);
        self.count.store(now, Ordering::Release);
    }

    /// Notes that all that was committed until `moment` is known.
    pub fn followed(&self, moment: Instant) {
        let moment = self.milliseconds(moment).saturating_add(1);
        self.followed.fetch_max(moment, Ordering::AcqRel);
    }

    /// Whether all that was committed until `moment` is known.
    pub fn are_known_until(&self, moment: Instant) -> bool {
        // Both were rounded down, and equal ones may be in either order.
        self.followed.load(Ordering::Acquire) > self.milliseconds(moment) + 1
    }

    /// Asks for the log to be read now.
    pub fn ask(&self) {
        self.asked.notify_one();
    }

    /// Waits until somebody asks for the log to be read.
    pub async fn asked(&self) {
        self.asked.notified().await;
    }

    fn milliseconds(&self, moment: Instant) -> u64 {
        let elapsed = moment.saturating_duration_since(self.begun);
        u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX - 1)
    }

    /// Whether what other nodes changed is known but for the last second: else nothing kept may be used.
    pub fn are_known(&self) -> bool {
        let Some(followed) = self.followed.load(Ordering::Acquire).checked_sub(1) else {
            return false;
        };
        self.begun.elapsed() < Duration::from_millis(followed) + LEASE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: Recorded<'_> = Recorded {
        project_id: "project",
        bucket_id: "bucket",
        action: "channel.assigned",
        kind: "channel",
        id: "resource",
        payload: "{}",
    };

    fn keys(event: Recorded<'_>) -> (Vec<String>, bool) {
        let change = Change::of(event);
        (change.keys, change.identity)
    }

    #[test]
    fn an_event_makes_its_bucket_stale_and_what_shows_it_elsewhere() {
        let of = |action, kind, payload| {
            let (keys, identity) = keys(Recorded {
                action,
                kind,
                payload,
                ..EVENT
            });
            (keys.join(" "), identity)
        };
        let own = of("channel.assigned", "channel", "{}");
        assert_eq!(own, ("bucket".into(), false));
        let child = r#"{"v":1,"after":{"parent_version_id":"parent","x":1}}"#;
        let child = of("build.created", "build", child);
        assert_eq!(child, ("bucket parent".into(), false));
        let alone = r#"{"v":1,"after":{"parent_version_id":""}}"#;
        assert_eq!(of("build.done", "build", alone), ("bucket".into(), false));
        assert_eq!(
            of("build.done", "build", "no JSON"),
            ("bucket project".into(), false)
        );
        assert_eq!(
            of("version.deleted", "version", "{}"),
            ("bucket project".into(), false)
        );
        assert_eq!(
            of("bucket.deleted", "bucket", "{}"),
            ("bucket project project/buckets".into(), true)
        );
        assert_eq!(
            of("bucket.created", "bucket", "{}"),
            ("bucket project/buckets".into(), false)
        );
        let rule = of("freshness.set", "freshness", "{}");
        assert_eq!(rule, ("bucket".into(), false));
        assert_eq!(
            of("policy.set", "policy", "{}"),
            ("bucket project resource".into(), true)
        );
    }

    #[test]
    fn what_is_read_before_a_change_is_stale_after_it() {
        let changes = Changes::default();
        let one = vec!["bucket".to_owned()];
        let other = vec!["other".to_owned()];
        let before = changes.now();
        assert!(changes.unchanged(before, &one));
        changes.note(&[Change::of(EVENT)]);
        assert!(!changes.unchanged(before, &one));
        assert!(changes.unchanged(before, &other));
        assert!(changes.unchanged(changes.now(), &one));
        assert_eq!(changes.identity(), 0);
    }

    #[test]
    fn what_was_read_at_an_older_revision_than_somebody_saw_is_not_the_newest() {
        let changes = Changes::default();
        assert!(changes.is_newest("bucket", 1));
        changes.saw("bucket", 7);
        let before = changes.now();
        assert!(!changes.is_newest("bucket", 6));
        assert!(changes.is_newest("bucket", 7) && changes.is_newest("other", 1));
        changes.saw("bucket", 6);
        assert_eq!(changes.now(), before);
        changes.saw("bucket", 8);
        assert!(!changes.is_newest("bucket", 7) && changes.now() > before);
    }

    #[test]
    fn what_is_forgotten_counts_as_changed() {
        let changes = Changes::default();
        let before = changes.now();
        let keys = |n: usize| Change {
            keys: vec![n.to_string()],
            identity: false,
        };
        let many: Vec<Change> = (0..=MOST).map(keys).collect();
        changes.note(&many);
        assert!(changes.unchanged(before, &["other".to_owned()]));
        changes.note(&many[..1]);
        assert!(!changes.unchanged(before, &["other".to_owned()]));
        assert!(changes.unchanged(changes.now(), &["other".to_owned()]));
    }

    #[test]
    fn nothing_is_known_before_the_log_was_read_and_when_that_was_long_ago() {
        let changes = Changes::default();
        assert!(!changes.are_known());
        let now = Instant::now();
        changes.followed(now.checked_sub(LEASE).unwrap_or(now));
        changes.followed(now);
        assert!(changes.are_known());
    }

    #[test]
    fn a_moment_is_known_when_the_log_was_read_after_it() {
        let changes = Changes::default();
        let moment = changes.begun + Duration::from_millis(5);
        assert!(!changes.are_known_until(moment));
        changes.followed(moment);
        assert!(!changes.are_known_until(moment));
        changes.followed(moment + Duration::from_millis(1));
        assert!(changes.are_known_until(moment));
    }

    #[test]
    fn everything_has_changed_when_all_is_forgotten() {
        let changes = Changes::default();
        let before = changes.now();
        changes.forget();
        assert!(!changes.unchanged(before, &["bucket".to_owned()]));
        assert!(changes.identity() > before);
        assert!(changes.unchanged(changes.now(), &["bucket".to_owned()]));
    }
}
