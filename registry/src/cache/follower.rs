//! Follows the event log, so that this node knows what others change.
//!
//! On `PostgreSQL` a number of the log is taken before its row can be seen, and rows can be seen in another
//! order than they were numbered in: numbers that were passed over are looked for again for a while.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use crate::{
    error::Result,
    store::{
        Store,
        events::{self, FOLLOWED, Followed, Places},
    },
};

/// How often the log is read.
const PAUSE: Duration = Duration::from_millis(200);
/// For how long a number that was passed over is looked for: no transaction is open longer.
const LATE: Duration = Duration::from_mins(1);
/// How many numbers are looked for at most. Few transactions take as many: one that revokes thousands of
/// descendants while others write.
const GAPS: usize = 10_000;
/// How far back the first look goes, for what is being committed just then.
const BACK: i64 = 10_000;

/// Where one node is in the log.
#[derive(Debug, Default)]
pub struct Follower {
    /// The highest number seen; `None` before the first look.
    last: Option<i64>,
    /// Numbers below it that were not there, and since when.
    gaps: BTreeMap<i64, Instant>,
    /// When numbers were last passed over that are not looked for, since there were too many.
    blind: Option<Instant>,
}

impl Follower {
    /// Reads what is new in the log and says so to the store.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn step(&mut self, store: &Store) -> Result<()> {
        let begun = Instant::now();
        let mut last = match self.last {
            Some(last) => last,
            // Numbers begin with 1.
            None => (store.read(events::newest).await? - BACK).max(0),
        };
        self.look_for_gaps(store).await?;
        loop {
            let new = store.read(move |conn| events::follow(conn, Places::After(last)));
            let new = new.await?;
            let whole = new.len() < usize::try_from(FOLLOWED).unwrap_or(usize::MAX);
            for event in &new {
                self.pass(last, event.sequence, begun);
                last = event.sequence;
            }
            tell(store, new);
            self.last = Some(last);
            if whole {
                break;
            }
        }
        let is_late = |since: &Instant| begun.duration_since(*since) >= LATE;
        self.gaps.retain(|_, since| !is_late(since));
        if self.blind.as_ref().is_some_and(is_late) {
            self.blind = None;
            store.changes().forget();
        }
        if self.blind.is_none() {
            store.changes().followed(begun);
        }
        Ok(())
    }

    async fn look_for_gaps(&mut self, store: &Store) -> Result<()> {
        let gaps: Vec<i64> = self.gaps.keys().copied().collect();
        for gaps in gaps.chunks(usize::try_from(FOLLOWED).unwrap_or(usize::MAX)) {
            let gaps = gaps.to_vec();
            let late = store.read(move |conn| events::follow(conn, Places::At(&gaps)));
            let late = late.await?;
            for event in &late {
                self.gaps.remove(&event.sequence);
            }
            tell(store, late);
        }
        Ok(())
    }

    /// Remembers the numbers between two that were seen. What cannot be looked for may be committed later
    /// without being noticed: until that is over, it must not count as known what others changed.
    fn pass(&mut self, last: i64, next: i64, now: Instant) {
        let most = i64::try_from(GAPS).unwrap_or(i64::MAX);
        let all = last.saturating_add(1);
        let first = next.saturating_sub(most).max(all);
        self.gaps
            .extend((first..next).map(|missing| (missing, now)));
        let too_many = self.gaps.len() > GAPS || first > all;
        while self.gaps.len() > GAPS {
            self.gaps.pop_first();
        }
        if too_many && self.blind.replace(now).is_none() {
            tracing::warn!(
                "too many events are missing, nothing is answered from memory for a minute"
            );
        }
    }

    /// Follows the log until the task is dropped.
    pub async fn run(mut self, store: Store) {
        let mut answers = true;
        loop {
            match self.step(&store).await {
                Ok(()) => answers = true,
                // Until it answers again nothing that is kept is used, which is what matters.
                Err(error) if answers => {
                    answers = false;
                    tracing::warn!(%error, "the event log cannot be read, nothing is answered from memory");
                }
                Err(_) => {}
            }
            // Running out of time is the normal end.
            let _ = tokio::time::timeout(PAUSE, store.changes().asked()).await;
        }
    }
}

fn tell(store: &Store, events: Vec<Followed>) {
    let changes: Vec<_> = events.into_iter().map(|event| event.change).collect();
    store.changes().note(&changes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_were_passed_over_are_remembered_and_too_many_are_noticed() {
        let mut follower = Follower::default();
        let now = Instant::now();
        follower.pass(3, 4, now);
        assert!(follower.gaps.is_empty());
        follower.pass(4, 7, now);
        let gaps: Vec<i64> = follower.gaps.keys().copied().collect();
        assert_eq!(gaps, [5, 6]);
        follower.pass(7, 9_000, now);
        assert!(follower.gaps.contains_key(&8) && follower.blind.is_none());
        follower.pass(9_000, 1_000_000, now);
        assert_eq!(follower.blind, Some(now));
        assert_eq!(follower.gaps.len(), GAPS);
        assert!(follower.gaps.contains_key(&999_999));
    }
}
