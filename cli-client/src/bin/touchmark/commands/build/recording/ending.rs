//! The end of a run: what is said last, and how the command ends.

use serde_json::json;

use super::{Plan, Recording, State};
use crate::exit::{Code, Failure, Result};
use crate::output::Report;
use crate::packer::process::Ended;
use crate::record::display::Format;
use crate::record::entry::Entry;
use crate::record::report;
use crate::session::Session;

impl Recording<'_> {
    /// Says what is left to be said, and how all of it went.
    pub(super) async fn end(mut self, session: &Session, ended: Result<Ended>) -> Result<Report> {
        let stopped = ended.as_ref().is_ok_and(|ended| ended.interrupted) || ended.is_err();
        let result = self.results(stopped);
        let result = result.and(self.unfinished(stopped));
        // At once means at once: what the registry is to hear stays in the journal.
        let ended = ended.map_err(|failure| {
            failure.hint("the registry hears of it with: touchmark push --resume")
        })?;
        let recorded = self.courier.flush().await;
        let away = matches!(&recorded, Err(failure) if failure.is(Code::Unavailable));
        if away && ended.code == 0 && result.is_ok() {
            for channel in &self.arguments.channels {
                self.courier.say(Entry::Assign {
                    channel: channel.clone(),
                })?;
            }
        }
        self.display.end(&json!({
            "success": ended.code == 0 && result.is_ok(),
            "recorded": recorded.is_ok(),
            "bucket": self.plan.bucket,
            "fingerprint": self.plan.fingerprint,
        }));
        self.conclude(session, (ended, result), recorded).await
    }

    /// What went wrong with the build counts more than what went wrong with the registry.
    async fn conclude(
        self,
        session: &Session,
        (ended, result): (Ended, Result<()>),
        recorded: Result<()>,
    ) -> Result<Report> {
        if recorded.is_ok() {
            self.courier.forget()?;
        }
        let recorded = recorded.map_err(|failure| {
            let problem = format!("built, but not recorded: {}", failure.message);
            report::kept(problem, self.courier.journal().path())
        });
        let broken = if ended.interrupted {
            Some(Failure::new(Code::Interrupted, "interrupted"))
        } else if ended.code != 0 {
            let problem = format!("Packer failed with exit code {}", ended.code);
            Some(Failure {
                code: ended.code,
                ..Failure::plain(problem)
            })
        } else {
            result.err()
        };
        if let Some(broken) = broken {
            if let Err(failure) = recorded {
                self.display.note(failure.text().trim_end());
            }
            return Err(broken);
        }
        recorded?;
        let client = session.scoped().await?;
        let Plan {
            bucket,
            fingerprint,
            ..
        } = self.plan;
        report::assign(&client, bucket, fingerprint, &self.arguments.channels).await?;
        let answer = client.get_version(bucket, fingerprint).await?;
        let report = report::report(&answer.version.unwrap_or_default(), "")?;
        Ok(if self.arguments.message_format == Format::Json {
            report.silent()
        } else {
            report
        })
    }

    /// Builds of which nothing was heard any more.
    fn unfinished(&mut self, stopped: bool) -> Result<()> {
        let running = self
            .states
            .iter()
            .filter(|(_, state)| matches!(state, State::Running | State::Built));
        let running: Vec<String> = running.map(|(component, _)| component.clone()).collect();
        for component in running {
            let (entry, state) = if stopped {
                (
                    Entry::Cancelled {
                        component: component.clone(),
                    },
                    State::Cancelled,
                )
            } else {
                (
                    Entry::Failed {
                        component: component.clone(),
                    },
                    State::Failed,
                )
            };
            self.courier.say(entry)?;
            self.set(&component, state);
        }
        Ok(())
    }
}
