//! What happens without a request: revocations that fall due, builds that were not heard of.
//!
//! Each run asks the database what is due, so it does not matter which node runs it, nor how often.

use std::{sync::Arc, time::Duration};

use crate::{
    error::Result,
    ops::{retention, settlement, stale_builds},
    state::State,
    store,
    telemetry::metrics::JobOutcome,
};

/// How often it is looked for what is old.
const RETENTION: Duration = Duration::from_hours(1);
/// The longest sleep: another node may have scheduled something meanwhile.
const LONGEST: Duration = Duration::from_secs(10);
/// The shortest sleep, so that a job that fails does not spin.
const SHORTEST: Duration = Duration::from_millis(50);

/// Does what is due now: how many things were done.
pub async fn run_due(state: &State) -> Result<usize> {
    let revoked = counted(state, "revocations", settlement::settle_due(state).await)?;
    let timeout = state.heartbeat_timeout;
    let cancelled = counted(
        state,
        "stale_builds",
        stale_builds::cancel(state, timeout).await,
    )?;
    // What stays too long does no harm: a server whose archive cannot be written serves all the same.
    Ok(revoked + cancelled + forget(state).await.unwrap_or(0))
}

/// Lets go of what is old, if the settings say so and it is time to look.
async fn forget(state: &State) -> Result<usize> {
    let ages = &state.retention.ages;
    let anything = ages.abandoned_versions.or(ages.events).is_some();
    if !anything || !state.retention.is_due(state.clock.now(), RETENTION) {
        return Ok(0);
    }
    let deleted = retention::delete_abandoned(state).await;
    let deleted = counted(state, "abandoned_versions", deleted)?;
    let archived = retention::archive_events(state).await;
    Ok(deleted + counted(state, "event_archive", archived)?)
}

fn counted(state: &State, job: &'static str, done: Result<usize>) -> Result<usize> {
    let now = state.clock.now().seconds();
    // Seconds since 1970 are far below what a float holds exactly.
    #[expect(
        clippy::cast_precision_loss,
        reason = "exact for any date that matters"
    )]
    let now = now as f64;
    match &done {
        Ok(count) => {
            if *count > 0 {
                tracing::info!(job, count, "job done");
            }
            state.metrics.job_ran(job, JobOutcome::Success, now);
        }
        Err(error) => {
            tracing::warn!(job, %error, "job failed, will be tried again");
            state.metrics.job_ran(job, JobOutcome::Failure, now);
        }
    }
    done
}

/// Does what is due, whenever something is, until the task is dropped.
pub async fn run(state: Arc<State>) {
    loop {
        // A failure has been logged and counted; the next round tries again.
        let _ = run_due(&state).await;
        let sleep = next_due(&state).await.unwrap_or(LONGEST);
        state.jobs.sleep(sleep.clamp(SHORTEST, LONGEST)).await;
    }
}

/// How long until something falls due.
async fn next_due(state: &State) -> Option<Duration> {
    let due = state.store.read(|conn| {
        Ok((
            store::revocations::next_due(conn)?,
            store::builds::longest_silence(conn)?,
        ))
    });
    let (revocation, silence) = due.await.ok()?;
    let silence = silence.map(|since| since.after(state.heartbeat_timeout));
    let next = revocation.into_iter().chain(silence).min()?;
    Some(state.clock.now().until(next))
}
