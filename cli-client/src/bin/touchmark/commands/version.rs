//! `touchmark version`; without a verb, the version of this program.

mod diff;
mod find;
mod revoke;
mod show;

use clap::{Args, Subcommand};
use touchmark_client::{
    Client, Method,
    wire::version::{UpdateVersionBody, Version},
};

use crate::address::Address;
use crate::completion::{Named, names};
use crate::exit::{Code, Next as _, Result};
use crate::output::Report;
use crate::request::{DryRun, Request, Severe};
use crate::session::Session;
use crate::words;

pub(crate) use find::{find, fingerprint};
pub(crate) use show::{artifacts, revocation};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the versions of a bucket, the newest first
    #[command(after_help = "\
Examples:
  $ touchmark version list alpine
  $ touchmark version list alpine --status active --json=name,fingerprint")]
    List(show::List),
    /// Show a version: its builds and artifacts, what holds it, what it was built from
    #[command(after_help = "\
Examples:
  $ touchmark version show alpine:v3")]
    Show {
        /// The version, by name or fingerprint
        #[arg(value_name = "BUCKET:VERSION", add = names(Named::VersionAddress))]
        version: Address,
    },
    /// Compare two versions: builds, artifacts, labels, source images, packages
    #[command(after_help = "\
Packages are compared when both versions have SBOMs.

Examples:
  $ touchmark version diff alpine:v1 alpine:v2
  $ touchmark version diff alpine:v2 alpine:v2 --exit-code")]
    Diff(diff::Diff),
    /// Revoke versions with their descendants, now or later, and roll channels back
    #[command(after_help = "\
Shows first what will be touched, and asks for the name at a terminal. What is revoked is what was shown, all or none. \
Versions are named, or selected: by artifact, bucket, label and age, which all have to match.

Examples:
  $ touchmark version revoke alpine:v3 --message CVE-2026-1234 --dry-run
  $ touchmark version revoke alpine:v3 --message CVE-2026-1234 --yes
  $ touchmark version revoke alpine:v1 alpine:v2 --in 30d --only --yes
  $ touchmark version revoke --bucket alpine --older-than 90d --dry-run
  $ touchmark version revoke --artifact ami-0a1b2c3d4e5f60001 --dry-run")]
    Revoke(revoke::Revoke),
    /// Take the revocation of a version back, and of its descendants with it
    #[command(after_help = "\
Examples:
  $ touchmark version restore alpine:v3")]
    Restore {
        /// The version, by name or fingerprint
        #[arg(value_name = "BUCKET:VERSION", add = names(Named::VersionAddress))]
        version: Address,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Delete a version
    #[command(after_help = "\
Examples:
  $ touchmark version delete alpine:v1 --dry-run
  $ touchmark version delete alpine:v1 --roll-back --yes")]
    Delete(Delete),
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// The version, by name or fingerprint
    #[arg(value_name = "BUCKET:VERSION", add = names(Named::VersionAddress))]
    version: Address,
    /// Move channels that hold it back to what they held before
    #[arg(long)]
    roll_back: bool,
    #[command(flatten)]
    severe: Severe,
}

/// Runs one of them.
pub(crate) async fn run(session: &Session, command: Command) -> Result<Report> {
    let client = session.scoped().await?;
    match command {
        Command::List(list) => show::list(&client, list).await,
        Command::Show { version } => show::show(&client, &version).await,
        Command::Diff(arguments) => diff::run(session, &client, arguments).await,
        Command::Revoke(arguments) => revoke::run(session, &client, arguments).await,
        Command::Restore { version, dry } => restore(&client, &version, dry).await,
        Command::Delete(arguments) => delete(session, &client, arguments).await,
    }
}

/// A version in a sentence: `alpine:v3 (01J…)`.
fn named(version: &Version) -> String {
    format!("{}:{}", version.bucket_name, words::version(version))
}

async fn restore(client: &Client, address: &Address, dry: DryRun) -> Result<Report> {
    let version = find(client, address).await?;
    let body = UpdateVersionBody {
        restore: true,
        ..UpdateVersionBody::default()
    };
    let (bucket, fingerprint) = (&address.bucket, &version.fingerprint);
    if dry.dry_run {
        let path = client.scope()?.version(bucket, fingerprint);
        return Request::new(&Method::PATCH, path, &body)?.report();
    }
    let answer = client.update_version(bucket, fingerprint, &body).await?;
    let version = answer.version.unwrap_or_default();
    let status = words::version_status(version.status);
    let text = format!("{} was restored; it is {status}.", named(&version));
    Report::new(&version, text)
}

async fn delete(session: &Session, client: &Client, arguments: Delete) -> Result<Report> {
    let Delete {
        version: address,
        roll_back,
        severe,
    } = arguments;
    let version = find(client, &address).await?;
    let (bucket, fingerprint) = (&address.bucket, &version.fingerprint);
    if severe.dry.dry_run {
        let mut path = client.scope()?.version(bucket, fingerprint);
        if roll_back {
            path.push_str("?rollback_channels=true");
        }
        return Request::bare(&Method::DELETE, path).report();
    }
    let what = format!("delete {}", named(&version));
    session
        .terminal
        .confirm(severe.yes, &what, &address.to_string())?;
    if roll_back {
        client
            .delete_version_and_roll_back(bucket, fingerprint)
            .await?;
    } else {
        let deleted = client.delete_version(bucket, fingerprint).await;
        deleted.next(Code::Failure, || {
            "add --roll-back to move channels back to what they held before".to_owned()
        })?;
    }
    Report::new(&version, format!("{} was deleted.", named(&version)))
}
