//! Checks of the way to the registry: its name, its certificate, its health, its clock.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use chrono::DateTime;
use serde_json::Value;
use touchmark_client::{Answer, Client, Error, Method};

use crate::exit::{Code, Failure, Result};
use crate::settings::{Settings, variable};

use super::Outcome;

/// What the registry answers when it can do its work.
const READY: &str = "/readyz?verbose";
/// How long it may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How far clocks may be apart: tokens last minutes.
const APART: Duration = Duration::from_mins(1);

/// What one question showed.
pub(super) struct Seen {
    pub(super) tls: Outcome,
    pub(super) registry: Outcome,
    pub(super) clock: Outcome,
    /// Whether there was any answer.
    pub(super) answers: bool,
}

/// Whether the name in the address is known.
pub(super) async fn address(settings: &Settings) -> Outcome {
    let url = settings.get("url").unwrap_or_default();
    let place = match place(url) {
        Ok(place) => place,
        Err(failure) => return Outcome::Failed(failure),
    };
    match tokio::net::lookup_host((place.0.as_str(), place.1)).await {
        Ok(addresses) => {
            let mut addresses: Vec<String> = addresses.map(|a| a.ip().to_string()).collect();
            addresses.dedup();
            Outcome::Passed(format!("{} is {}", place.0, addresses.join(", ")))
        }
        Err(_) if ["HTTPS_PROXY", "https_proxy"].into_iter().any(is_set) => {
            Outcome::Passed(format!("{} is left to the proxy", place.0))
        }
        Err(error) => Outcome::Failed(
            Failure::new(Code::Unavailable, format!("{}: {error}", place.0))
                .hint("touchmark config shows where the address comes from"),
        ),
    }
}

fn is_set(name: &str) -> bool {
    variable(name).is_some()
}

/// Host and port.
fn place(url: &str) -> Result<(String, u16)> {
    let wrong = || {
        Failure::usage(format!("{url} is no address"))
            .hint("touchmark config shows where it comes from")
    };
    let uri = reqwest::Url::parse(url).map_err(|_| wrong())?;
    let host = uri.host_str().ok_or_else(wrong)?;
    let host = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned();
    Ok((host, uri.port_or_known_default().unwrap_or(443)))
}

/// Asks the registry how it is.
pub(super) async fn ready(settings: &Settings) -> Seen {
    let url = settings.get("url").unwrap_or_default();
    let encrypted = url.starts_with("https:");
    let answer = match client(settings, url) {
        Ok(client) => client.send(Method::GET, READY, None).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(answer) => Seen {
            tls: if encrypted {
                Outcome::Passed("the certificate is trusted".to_owned())
            } else {
                Outcome::Skipped("the address is without TLS")
            },
            registry: health(&answer),
            clock: clock(&answer),
            answers: true,
        },
        Err(error) => unanswered(error),
    }
}

fn client(settings: &Settings, url: &str) -> Result<Client, Error> {
    settings.builder(url).timeout(PATIENCE).build()
}

fn unanswered(error: Error) -> Seen {
    let distrusted = is_about_certificates(&error);
    let failure: Failure = error.into();
    let clock = Outcome::Skipped("the registry does not answer");
    if distrusted {
        let failure = Failure {
            hints: vec!["name the certificate of its authority: --ca-file FILE".to_owned()],
            ..failure
        };
        return Seen {
            tls: Outcome::Failed(failure),
            registry: Outcome::Skipped("its certificate must be trusted before that"),
            clock,
            answers: false,
        };
    }
    let failure = Failure {
        hints: vec!["is it running? touchmark-registry serve".to_owned()],
        ..failure
    };
    Seen {
        tls: Outcome::Skipped("the registry does not answer"),
        registry: Outcome::Failed(failure),
        clock,
        answers: false,
    }
}

fn is_about_certificates(error: &Error) -> bool {
    if matches!(error, Error::Setup(_)) {
        return true;
    }
    let mut next = error.source();
    while let Some(cause) = next {
        if cause.to_string().contains("certificate") {
            return true;
        }
        next = cause.source();
    }
    false
}

fn health(answer: &Answer) -> Outcome {
    let said: Value = answer.json().unwrap_or_default();
    let checks = said.get("checks").and_then(Value::as_object);
    let failed = checks.into_iter().flatten().filter(|(_, end)| *end != "ok");
    let failed: Vec<&str> = failed.map(|(name, _)| name.as_str()).collect();
    match said.get("status").and_then(Value::as_str) {
        Some("ready") if answer.status == 200 => Outcome::Passed("it is ready".to_owned()),
        Some(status) => Outcome::Failed(
            Failure::new(
                Code::Unavailable,
                format!("it is {status}: {}", failed.join(", ")),
            )
            .hint("its log says more: journalctl -u touchmark"),
        ),
        None => Outcome::Failed(
            Failure::plain(format!(
                "HTTP status {}: this is not how a Touchmark registry answers",
                answer.status
            ))
            .hint("touchmark config shows where the address comes from"),
        ),
    }
}

#[expect(clippy::disallowed_methods, reason = "a client has no other clock")]
fn clock(answer: &Answer) -> Outcome {
    let date = answer.headers.get("date");
    let date = date.and_then(|date| DateTime::parse_from_rfc2822(date.to_str().ok()?).ok());
    let Some(date) = date else {
        return Outcome::Skipped("the registry does not say what time it is");
    };
    let theirs = SystemTime::from(date);
    let ours = SystemTime::now();
    let apart = ours
        .duration_since(theirs)
        .unwrap_or_else(|early| early.duration());
    if apart <= APART {
        return Outcome::Passed("it goes like the registry's".to_owned());
    }
    let problem = format!("it is {} s off the registry's", apart.as_secs());
    Outcome::Failed(Failure::plain(problem).hint("timedatectl set-ntp true"))
}
