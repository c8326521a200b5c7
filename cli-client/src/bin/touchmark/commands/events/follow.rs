//! `touchmark events --follow`: a line for each event, as it happens.
//!
//! An event can be seen after one that stands behind it in the log, when both were written at the same time. So each
//! look begins some seconds before the last event that was seen, and leaves out what has been shown.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::{Duration, Instant};

use touchmark_client::{EventFilter, wire::own::Event};

use super::{LIMIT, cells, list};
use crate::exit::{Code, Context as _, Failure, Result};
use crate::output::{line, shown};
use crate::session::Session;
use crate::settings::Flags;

/// Between two looks.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two looks at most, while the registry is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);
/// For how long an event may be written without being seen: the registry gives up on what takes longer.
const LATE: Duration = Duration::from_secs(10);

/// Shows what happened before, as far as it was asked for, and what happens, until it is interrupted or nobody reads
/// along any more.
///
/// # Errors
/// [`Code::Interrupted`] when it is interrupted; as any list when the registry refuses it or is away from the start.
pub(super) async fn run(
    session: &Session,
    filter: EventFilter,
    (limit, flags): (Option<usize>, &Flags),
) -> Result<()> {
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => {
            interrupted.context(|| "signals cannot be received".to_owned())?;
            Err(Failure::new(Code::Interrupted, ""))
        }
        ended = follow(session, filter, (limit, flags)) => ended,
    }
}

async fn follow(
    session: &Session,
    mut filter: EventFilter,
    (limit, flags): (Option<usize>, &Flags),
) -> Result<()> {
    let all = if filter.since.is_empty() {
        0
    } else {
        usize::MAX
    };
    let before = limit.unwrap_or(all);
    // Those that are not shown are known all the same.
    let mut known = list(session, &filter, before.max(LIMIT)).await?;
    known.reverse();
    let mut log = Log::from(known.first());
    let hidden = known.len().saturating_sub(before);
    let known = log.unseen(known).split_off(hidden);
    let mut is_read = show(&known, flags)?;
    "oldest".clone_into(&mut filter.order);
    let mut pause = PAUSE;
    while is_read {
        tokio::time::sleep(pause).await;
        filter.after = Some(log.settled());
        match list(session, &filter, usize::MAX).await {
            Ok(events) => {
                pause = PAUSE;
                is_read = show(&log.unseen(events), flags)?;
            }
            Err(failure) if failure.is(Code::Unavailable) => {
                if pause == PAUSE {
                    session.terminal.say(&away(&failure));
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

fn away(failure: &Failure) -> String {
    let problem = shown(&failure.message);
    format!("touchmark: {problem}; what happens meanwhile is shown when the registry is back")
}

/// Prints events; whether somebody reads them.
fn show(events: &[Event], flags: &Flags) -> Result<bool> {
    let mut text = String::new();
    for event in events {
        let [at, action, kind, resource, by] = cells(event);
        let words = format!("{at}  {action:<22}  {kind:<8}  {resource}  {by}");
        text.push_str(&line(event, &shown(&words), flags)?);
    }
    let mut out = io::stdout().lock();
    let written = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
        written => written
            .map(|()| true)
            .context(|| "the result cannot be written".to_owned()),
    }
}

/// What has been seen of the log.
struct Log {
    /// The place in the log behind which something may still appear.
    settled: i64,
    /// The places behind it that were seen, and when.
    seen: BTreeMap<i64, Instant>,
}

impl Log {
    /// From this event on; from the beginning when there is none yet.
    fn from(first: Option<&Event>) -> Self {
        Self {
            settled: first.map_or(0, |event| event.sequence - 1),
            seen: BTreeMap::new(),
        }
    }

    /// Those events that have not been seen before.
    fn unseen(&mut self, mut events: Vec<Event>) -> Vec<Event> {
        let now = Instant::now();
        events.retain(|event| self.seen.insert(event.sequence, now).is_none());
        events
    }

    /// Where to look from: behind what was seen so long ago that nothing can appear before it.
    fn settled(&mut self) -> i64 {
        while let Some(entry) = self.seen.first_entry()
            && entry.get().elapsed() >= LATE
        {
            self.settled = *entry.key();
            entry.remove();
        }
        self.settled
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, Log};

    fn events<const N: usize>(places: [i64; N]) -> Vec<Event> {
        let event = |sequence| Event {
            sequence,
            ..Event::default()
        };
        places.map(event).into()
    }

    #[test]
    fn what_appears_late_is_shown_once() {
        let mut log = Log::from(events([7]).first());
        assert_eq!(log.unseen(events([7, 9])), events([7, 9]));
        assert_eq!(log.settled(), 6);
        assert_eq!(log.unseen(events([7, 8, 9, 10])), events([8, 10]));
        assert_eq!(log.unseen(events([7, 8, 9, 10])), []);
    }
}
