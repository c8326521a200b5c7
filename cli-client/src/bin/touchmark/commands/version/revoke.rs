//! `touchmark version revoke`.

use clap::Args;
use touchmark_client::{
    Client, Method,
    wire::{
        time::Timestamp,
        version::{UpdateVersionBody, Version},
    },
};

use crate::address::Address;
use crate::exit::{Failure, Result};
use crate::output::{Report, Table, shown};
use crate::request::{Request, Severe, reports};
use crate::session::Session;
use crate::words;

use super::{find, named, touched::Touched};

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The versions, by name or fingerprint
    #[arg(value_name = "BUCKET:VERSION", required = true)]
    versions: Vec<Address>,
    /// Revoke at this moment instead of now, in RFC 3339
    #[arg(long, value_name = "TIME", value_parser = moment, conflicts_with = "after")]
    at: Option<Timestamp>,
    /// Revoke after this time instead of now, such as 2h45m or 30d
    #[arg(long = "in", value_name = "DURATION")]
    after: Option<String>,
    /// Why
    #[arg(
        long,
        value_name = "TEXT",
        default_value = "",
        hide_default_value = true
    )]
    message: String,
    /// Leave what was built from them valid
    #[arg(long)]
    only: bool,
    /// Leave channels on them
    #[arg(long)]
    no_rollback: bool,
    #[command(flatten)]
    severe: Severe,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).map_err(|error| format!("{error}; as in 2026-12-31T18:00:00Z"))
}

impl Revoke {
    fn body(&self) -> UpdateVersionBody {
        let now = || "0s".to_owned();
        let revoke_in = match self.at {
            Some(_) => String::new(),
            None => self.after.clone().unwrap_or_else(now),
        };
        UpdateVersionBody {
            disable_rollback_channels: self.no_rollback,
            revocation_message: self.message.clone(),
            revoke_in,
            skip_descendants_revocation: self.only,
            revoke_at: self.at,
            ..UpdateVersionBody::default()
        }
    }

    /// What has to be typed to go on: the name of the only version, or how many there are.
    fn name(&self) -> String {
        match self.versions.as_slice() {
            [only] => only.to_string(),
            several => several.len().to_string(),
        }
    }
}

/// Shows what will be touched, asks, and revokes one version after the other.
pub(super) async fn run(session: &Session, client: &Client, arguments: Revoke) -> Result<Report> {
    let mut targets = Vec::new();
    for address in &arguments.versions {
        targets.push(find(client, address).await?);
    }
    let body = arguments.body();
    preview(session, client, &arguments, &targets).await?;
    if arguments.severe.dry.dry_run {
        let requests: Result<Vec<Request>> = targets
            .iter()
            .map(|target| {
                let scope = client.scope()?;
                let path = scope.version(&target.bucket_name, &target.fingerprint);
                Request::new(&Method::PATCH, path, &body)
            })
            .collect();
        return reports(&requests?);
    }
    let what = match targets.as_slice() {
        [only] => format!("revoke {}", named(only)),
        several => format!("revoke {} versions", several.len()),
    };
    session
        .terminal
        .confirm(arguments.severe.yes, &what, &arguments.name())?;
    let revoked = revoke(client, &targets, &body).await?;
    report(&revoked)
}

async fn preview(
    session: &Session,
    client: &Client,
    arguments: &Revoke,
    targets: &[Version],
) -> Result<()> {
    let touched = Touched::ask(client, targets).await?;
    for target in targets {
        let said = format!("{} is going to be revoked:", named(target));
        session.terminal.say(&shown(&said));
    }
    for line in touched.lines(arguments.no_rollback, arguments.only) {
        session.terminal.say(&shown(&format!("  {line}")));
    }
    Ok(())
}

async fn revoke(
    client: &Client,
    targets: &[Version],
    body: &UpdateVersionBody,
) -> Result<Vec<Version>> {
    let mut revoked: Vec<Version> = Vec::new();
    for target in targets {
        let answer = client
            .update_version(&target.bucket_name, &target.fingerprint, body)
            .await;
        match answer {
            Ok(answer) => revoked.push(answer.version.unwrap_or_default()),
            Err(error) => {
                let mut failure: Failure = error.into();
                failure.message = format!("{}: {}", named(target), failure.message);
                let done: Vec<String> = revoked.iter().map(named).collect();
                if !done.is_empty() {
                    failure = failure.hint(format!("revoked before that: {}", done.join(", ")));
                }
                return Err(failure);
            }
        }
    }
    Ok(revoked)
}

fn report(revoked: &[Version]) -> Result<Report> {
    let mut table = Table::new(["version", "fingerprint", "status", "at", "message"]);
    for version in revoked {
        table.row([
            format!("{}:{}", version.bucket_name, version.name),
            version.fingerprint.clone(),
            words::version_status(version.status),
            words::time(version.revoke_at),
            version.revocation_message.clone(),
        ]);
    }
    Report::new(&revoked, table.text(""))
}
