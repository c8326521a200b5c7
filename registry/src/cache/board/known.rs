//! What is kept of a board, and how it is brought up to date.

use std::{
    cmp::Reverse,
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use super::{Board, Counts, Row, Source};
use crate::{
    domain::{
        board::{Reason, Sight, State, judge},
        time::Time,
    },
    error::Result,
    state::State as Server,
    store::{
        Changes,
        board::{self as rows, Known, Outline},
        buckets_of, freshness_of,
    },
};

/// What a bucket, a key or a reason takes, roughly.
const BYTES: (usize, usize, usize) = (512, 64, 640);

/// A bucket as it was read.
struct KnownBucket {
    id: Arc<str>,
    name: Arc<str>,
    revision: i64,
    /// What it was read from: ids of buckets, and the rules of the project.
    keys: Vec<String>,
    /// When it was read, as [`Changes::now`].
    since: u64,
    /// When it was judged. The clock may be turned back.
    from: Time,
    /// When it may be judged otherwise though nothing changes.
    until: Option<Time>,
    /// By [`Sight`], in the order of [`Sight::ALL`].
    rows: [Row; 3],
}

/// A board as it was read.
pub(super) struct KnownBoard {
    /// The key of which buckets there are.
    key: [String; 1],
    /// When it was read which there are, as [`Changes::now`].
    since: u64,
    buckets: Vec<Arc<KnownBucket>>,
    /// When it was last found good, as [`Changes::now`].
    checked: AtomicU64,
    from: Time,
    until: Option<Time>,
    /// What is shown by [`Sight`], in the order of [`Sight::ALL`].
    boards: [Board; 3],
    /// How much it takes, roughly, in bytes.
    pub(super) weight: usize,
}

impl KnownBucket {
    fn new(known: Known, key: String, (since, now): (u64, Time)) -> Self {
        let id: Arc<str> = known.bucket_id.as_str().into();
        let name: Arc<str> = known.facts.bucket.as_str().into();
        let mut until: Option<Time> = None;
        let mut judged = Sight::ALL.map(|sight| {
            let (reasons, next) = judge(&known.facts, sight, now);
            until = until.into_iter().chain(next).min();
            Row {
                bucket_id: Arc::clone(&id),
                bucket: Arc::clone(&name),
                state: State::of(&reasons),
                reasons: reasons.into(),
            }
        });
        let [all, own, public] = &mut judged;
        for other in [own, public] {
            if other.reasons == all.reasons {
                other.reasons = Arc::clone(&all.reasons);
            }
        }
        let mut keys = vec![known.bucket_id, key];
        keys.extend(known.relatives);
        Self {
            id,
            name,
            revision: known.revision,
            keys,
            since,
            from: now,
            until,
            rows: judged,
        }
    }

    fn is_good(&self, changes: &Changes, now: Time) -> bool {
        self.from <= now
            && self.until.is_none_or(|until| now < until)
            && changes.unchanged(self.since, &self.keys)
            && changes.is_newest(&self.id, self.revision)
    }

    fn row(&self, sight: Sight) -> &Row {
        let [all, own, public] = &self.rows;
        match sight {
            Sight::Everything => all,
            Sight::Bucket => own,
            Sight::Public => public,
        }
    }

    fn weight(&self) -> usize {
        let (bucket, key, reason) = BYTES;
        let [all, own, public] = &self.rows;
        let mut reasons = all.reasons.len();
        for other in [own, public] {
            if !Arc::ptr_eq(&other.reasons, &all.reasons) {
                reasons += other.reasons.len();
            }
        }
        bucket + key * self.keys.len() + reason * reasons
    }
}

impl KnownBoard {
    /// The board of a project as it is now.
    pub(super) async fn now(
        server: &Server,
        project_id: &str,
        source: Source,
    ) -> Result<Arc<Self>> {
        let (changes, now) = (server.store.changes(), server.clock.now());
        let usable = source == Source::Memory && changes.are_known() && !server.draining.is_on();
        let known = server.cache.boards.get(project_id).filter(|_| usable);
        if let Some(known) = &known
            && known.is_good(changes, now)
        {
            server.metrics.answered_from_memory();
            return Ok(Arc::clone(known));
        }
        let since = changes.now();
        let (outlines, good) = known.map_or_else(Default::default, |known| {
            let listed = changes.unchanged(known.since, &known.key);
            let good = known
                .buckets
                .iter()
                .filter(|known| known.is_good(changes, now));
            let good: HashMap<Arc<str>, _> = good
                .map(|known| (Arc::clone(&known.id), Arc::clone(known)))
                .collect();
            (listed.then(|| (known.since, known.outlines())), good)
        });
        let (project, timeout) = (project_id.to_owned(), server.heartbeat_timeout);
        let have: Vec<Arc<str>> = good.keys().cloned().collect();
        let (listed, outlines) = outlines.unzip();
        let read = server.store.read(move |conn| {
            let outlines = match &outlines {
                Some(outlines) => outlines.clone(),
                None => rows::outlines(conn, &project)?,
            };
            let have: std::collections::HashSet<&str> = have.iter().map(AsRef::as_ref).collect();
            let wanted = outlines.iter().map(|outline| outline.id.clone());
            let wanted: Vec<String> = wanted.filter(|id| !have.contains(id.as_str())).collect();
            let read = rows::facts(conn, (&project, &wanted), timeout)?;
            Ok((outlines, read))
        });
        let (outlines, read) = read.await?;
        let mut all = good;
        for known in read {
            changes.saw(&known.bucket_id, known.revision);
            let known = KnownBucket::new(known, freshness_of(project_id), (since, now));
            all.insert(Arc::clone(&known.id), Arc::new(known));
        }
        let listed = listed.unwrap_or(since);
        let board = Arc::new(Self::of(project_id, (listed, outlines), all, now));
        server.cache.boards.put(project_id, &board);
        Ok(board)
    }

    fn of(
        project_id: &str,
        (since, outlines): (u64, Vec<Outline>),
        mut known: HashMap<Arc<str>, Arc<KnownBucket>>,
        now: Time,
    ) -> Self {
        let listed = outlines.iter();
        let buckets: Vec<_> = listed
            .filter_map(|outline| known.remove(outline.id.as_str()))
            .collect();
        let from = buckets.iter().map(|bucket| bucket.from).max();
        Self {
            key: [buckets_of(project_id)],
            since,
            // Not checked yet.
            checked: AtomicU64::new(u64::MAX),
            from: from.unwrap_or(now),
            until: buckets.iter().filter_map(|bucket| bucket.until).min(),
            boards: Sight::ALL.map(|sight| {
                let rows = buckets.iter().map(|bucket| bucket.row(sight).clone());
                shown(rows.collect())
            }),
            weight: buckets.iter().map(|bucket| bucket.weight()).sum(),
            buckets,
        }
    }

    fn outlines(&self) -> Vec<Outline> {
        let outlines = self.buckets.iter().map(|bucket| Outline {
            id: bucket.id.to_string(),
            name: bucket.name.to_string(),
        });
        outlines.collect()
    }

    fn is_good(&self, changes: &Changes, now: Time) -> bool {
        if now < self.from || self.until.is_some_and(|until| until <= now) {
            return false;
        }
        let known = changes.now();
        if self.checked.load(Ordering::Acquire) == known {
            return true;
        }
        let good = changes.unchanged(self.since, &self.key)
            && self
                .buckets
                .iter()
                .all(|bucket| bucket.is_good(changes, now));
        if good {
            self.checked.store(known, Ordering::Release);
        }
        good
    }

    /// What is shown to whoever sees every bucket in the same way.
    pub(super) fn seen_by_all(&self, sight: Sight) -> Board {
        let [all, own, public] = &self.boards;
        match sight {
            Sight::Everything => all,
            Sight::Bucket => own,
            Sight::Public => public,
        }
        .clone()
    }

    /// What is shown to whoever sees buckets in different ways; `sight` is `None` for what they may not read.
    pub(super) fn seen_by(&self, sight: impl Fn(&str) -> Option<Sight>) -> Board {
        let rows = self.buckets.iter().filter_map(|bucket| {
            let sight = sight(&bucket.id)?;
            Some(bucket.row(sight).clone())
        });
        shown(rows.collect())
    }
}

/// Rows with the worst first: by state, then those with more reasons, then those that are so for longer.
fn shown(mut rows: Vec<Row>) -> Board {
    let since = |row: &Row| row.reasons.first().and_then(|reason: &Reason| reason.since);
    rows.sort_by(|one, other| {
        let key = |row: &Row| {
            let since = since(row);
            (
                row.state,
                Reverse(row.reasons.len()),
                since.is_none(),
                since,
            )
        };
        key(one)
            .cmp(&key(other))
            .then_with(|| one.bucket.cmp(&other.bucket))
    });
    Board {
        counts: Counts::of(&rows),
        rows: rows.into(),
    }
}
