//! `touchmark doctor`: what could keep the other commands from working, check by check.

mod network;
mod programs;

use std::fmt::Write as _;

use serde_json::{Map, Value};

use crate::exit::{Code, Failure, Next as _, Result};
use crate::output::{Report, shown};
use crate::session::{Session, no_address};
use crate::settings::{Flags, Settings};
use crate::terminal::Terminal;

/// How a check ended.
enum Outcome {
    /// Well; with what was found.
    Passed(String),
    /// Not well; the hints say what to do.
    Failed(Failure),
    /// It was not made, and why.
    Skipped(&'static str),
}

/// The checks so far. Scripts know them by name: none is renamed or taken away.
#[derive(Default)]
struct Checks {
    made: Vec<(&'static str, Outcome)>,
}

impl Checks {
    /// Keeps how a check ended; whether it passed.
    fn add(&mut self, name: &'static str, outcome: Outcome) -> bool {
        let passed = matches!(outcome, Outcome::Passed(_));
        self.made.push((name, outcome));
        passed
    }

    fn skip(&mut self, names: &[&'static str], why: &'static str) {
        for name in names {
            self.add(name, Outcome::Skipped(why));
        }
    }

    fn report(&self) -> Result<Report> {
        let mut value = Map::new();
        let mut text = String::new();
        let mut failed = 0;
        for (name, outcome) in &self.made {
            let (word, said) = match outcome {
                Outcome::Passed(found) => ("PASSED", found.clone()),
                Outcome::Failed(failure) => ("FAILED", failure.message.clone()),
                Outcome::Skipped(why) => ("SKIPPED", (*why).to_owned()),
            };
            let _ = writeln!(text, "{word:<9}{name:<13}{}", shown(&said));
            let said = match outcome {
                Outcome::Passed(_) => "ok".to_owned(),
                Outcome::Failed(_) => said,
                Outcome::Skipped(_) => format!("skipped: {said}"),
            };
            value.insert((*name).to_owned(), Value::String(said));
            if let Outcome::Failed(failure) = outcome {
                failed += 1;
                for hint in &failure.hints {
                    let _ = writeln!(text, "{:22}{}", "", shown(hint));
                }
            }
        }
        let failure = (failed > 0).then(|| {
            let checks = if failed == 1 { "check" } else { "checks" };
            Failure::plain(format!("{failed} {checks} failed"))
        });
        Ok(Report::new(&value, text)?.but(failure))
    }
}

/// Makes all checks.
pub(crate) async fn run(flags: &Flags, terminal: Terminal) -> Result<Report> {
    let mut checks = Checks::default();
    let settings = match Settings::load(flags) {
        Ok(settings) if settings.get("url").is_none() => Err(no_address()),
        loaded => loaded,
    };
    match settings {
        Ok(settings) => {
            let url = settings.get("url").unwrap_or_default();
            checks.add(
                "config",
                Outcome::Passed(format!("the registry is at {url}")),
            );
            registry(&mut checks, Session::new(settings, terminal)).await;
        }
        Err(failure) => {
            checks.add("config", Outcome::Failed(failure));
            let rest = [
                "address",
                "tls",
                "registry",
                "clock",
                "credentials",
                "project",
            ];
            checks.skip(&rest, "the settings must be right before that");
        }
    }
    checks.add("packer", programs::packer());
    checks.add("git", programs::git());
    checks.report()
}

async fn registry(checks: &mut Checks, session: Session) {
    let rest = ["tls", "registry", "clock", "credentials", "project"];
    if !checks.add("address", network::address(&session.settings).await) {
        return checks.skip(&rest, "the address must be right before that");
    }
    let seen = network::ready(&session.settings).await;
    checks.add("tls", seen.tls);
    checks.add("registry", seen.registry);
    checks.add("clock", seen.clock);
    if !seen.answers {
        return checks.skip(&["credentials", "project"], "the registry does not answer");
    }
    let credentials = checks.add("credentials", outcome(credentials(&session).await));
    if !credentials {
        return checks.skip(&["project"], "the credentials must be right before that");
    }
    checks.add("project", outcome(project(&session).await));
}

fn outcome(result: Result<String>) -> Outcome {
    match result {
        Ok(found) => Outcome::Passed(found),
        Err(failure) => Outcome::Failed(failure),
    }
}

async fn credentials(session: &Session) -> Result<String> {
    let me = session.client()?.own().whoami().await?;
    Ok(format!("signed in as {}", me.principal.name))
}

async fn project(session: &Session) -> Result<String> {
    let client = session.scoped().await?;
    let answer = client.get_registry().await;
    let answer = answer.next(Code::NotFound, || "touchmark auth status".to_owned())?;
    let config = answer.registry.and_then(|registry| registry.config);
    if config.is_some_and(|config| config.activated) {
        return Ok("its registry is active".to_owned());
    }
    Err(Failure::new(Code::Failure, "its registry is not active")
        .hint("an admin can switch it on again"))
}
