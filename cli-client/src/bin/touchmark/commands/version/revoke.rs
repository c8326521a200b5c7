//! `touchmark version revoke`: one version or many, all or none, after a preview that the registry computes.

mod preview;

use clap::Args;
use touchmark_client::{
    Client, Method,
    wire::{
        paths,
        revocation::{RevocationAnswer, RevocationBody, VersionKey},
        time::Timestamp,
    },
};

use crate::address::Address;
use crate::completion::{Named, names};
use crate::exit::{Code, Failure, Result};
use crate::label::{self, Label};
use crate::output::{Report, Table, shown};
use crate::request::{Request, Severe};
use crate::session::Session;
use crate::words;

use super::find;

/// Which versions, and how.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The versions, by name or fingerprint
    #[arg(value_name = "BUCKET:VERSION", required_unless_present_any = ["artifacts", "bucket", "labels"], add = names(Named::VersionAddress))]
    versions: Vec<Address>,
    /// Versions that have this artifact; may be repeated
    #[arg(long = "artifact", value_name = "ID")]
    artifacts: Vec<String>,
    /// Versions of this bucket
    #[arg(long, value_name = "NAME", add = names(Named::Bucket))]
    bucket: Option<String>,
    /// Versions of which a build has this label; may be repeated
    #[arg(long = "label", value_name = "KEY=VALUE")]
    labels: Vec<Label>,
    /// Versions that are older, such as 90d; with --bucket or --label
    #[arg(long, value_name = "DURATION")]
    older_than: Option<String>,
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
    async fn body(&self, client: &Client) -> Result<RevocationBody> {
        let mut versions = Vec::new();
        for address in &self.versions {
            let found = find(client, address).await?;
            versions.push(VersionKey {
                bucket: address.bucket.clone(),
                fingerprint: found.fingerprint,
            });
        }
        let labels = label::map(&self.labels);
        // An empty list is not the same as none.
        Ok(RevocationBody {
            versions: (!versions.is_empty()).then_some(versions),
            artifacts: (!self.artifacts.is_empty()).then(|| self.artifacts.clone()),
            bucket: self.bucket.clone(),
            labels: (!labels.is_empty()).then_some(labels),
            older_than: self.older_than.clone(),
            revoke_at: self.at,
            revoke_in: self.after.clone(),
            message: (!self.message.is_empty()).then(|| self.message.clone()),
            skip_descendants: self.only.then_some(true),
            disable_rollback: self.no_rollback.then_some(true),
            digest: None,
        })
    }
}

/// Shows what will be touched, asks, and revokes exactly that.
pub(super) async fn run(session: &Session, client: &Client, arguments: Revoke) -> Result<Report> {
    let mut body = arguments.body(client).await?;
    let project = session.project();
    let seen = client.own().preview_revocation(project, &body).await?;
    let keeps = (arguments.no_rollback, arguments.only);
    for line in preview::lines(&seen, keeps) {
        session.terminal.say(&shown(&line));
    }
    if seen.targets.is_empty() {
        return Report::new(&seen, "Nothing is revoked: no version is like that.");
    }
    body.digest = Some(seen.digest.clone());
    if arguments.severe.dry.dry_run {
        let path = paths::REVOCATIONS.to_owned();
        return Request::new(&Method::POST, path, &body)?.report();
    }
    let (what, name) = match seen.targets.as_slice() {
        [only] => (
            format!("revoke {}", preview::target(only)),
            preview::address(only),
        ),
        several => (
            format!("revoke {} versions", several.len()),
            several.len().to_string(),
        ),
    };
    session
        .terminal
        .confirm(arguments.severe.yes, &what, &name)?;
    let done = client.own().revoke_many(project, &body).await;
    report(&done.map_err(|error| {
        let failure = Failure::from(error);
        let changed = failure.is(Code::Conflict);
        if changed {
            failure.hint("nothing was revoked; run it again to see what it touches now")
        } else {
            failure
        }
    })?)
}

fn report(done: &RevocationAnswer) -> Result<Report> {
    let mut table = Table::new(["version", "fingerprint", "status", "at", "because of"]);
    for version in &done.targets {
        table.row([
            format!("{}:{}", version.bucket_name, version.version_name),
            version.fingerprint.clone(),
            words::version_status(version.status),
            words::time(done.revoke_at),
            words::dash(),
        ]);
    }
    for version in &done.descendants {
        let from = &version.inherits_from;
        table.row([
            format!("{}:{}", version.bucket_name, version.version_name),
            version.fingerprint.clone(),
            words::version_status(version.status),
            words::time(done.revoke_at),
            format!("{}:{}", from.bucket_name, from.version_name),
        ]);
    }
    Report::new(done, table.text(""))
}
