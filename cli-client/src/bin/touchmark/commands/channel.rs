//! `touchmark channel`.

mod assign;
mod rollback;
mod show;

use clap::{Args, Subcommand};
use touchmark_client::{
    Client, Error, Method,
    wire::{
        channel::{AssignChannelVersionBody, Channel, CreateChannelBody},
        version::VersionStatus,
    },
};

use crate::address::Address;
use crate::commands::version;
use crate::completion::{Named, names};
use crate::exit::{Code, Failure, Next as _, Result};
use crate::output::Report;
use crate::request::{DryRun, Request, Severe};
use crate::session::Session;
use crate::words;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the channels of a bucket and what they hold
    #[command(after_help = "\
Examples:
  $ touchmark channel list alpine")]
    List {
        /// Name of the bucket
        #[arg(add = names(Named::Bucket))]
        bucket: String,
    },
    /// Show a channel and the artifacts that it hands out
    #[command(after_help = "\
Examples:
  $ touchmark channel show alpine:production")]
    Show {
        /// The channel
        #[arg(value_name = "BUCKET:CHANNEL", add = names(Named::ChannelAddress))]
        channel: Address,
    },
    /// Create a channel
    #[command(after_help = "\
Examples:
  $ touchmark channel create alpine:testing
  $ touchmark channel create alpine:canary --version v2 --restricted")]
    Create(Create),
    /// Let a channel hold a version, or nothing
    #[command(after_help = "\
Examples:
  $ touchmark channel assign alpine:testing v2
  $ touchmark channel assign alpine:latest --restricted=false
  $ touchmark channel assign alpine:testing --none")]
    Assign(assign::Assign),
    /// Let a channel hold what another channel of the bucket holds
    #[command(after_help = "\
Examples:
  $ touchmark channel promote alpine staging production")]
    Promote(Promote),
    /// Let a channel hold the valid version that it held before
    #[command(after_help = "\
The version before is the newest one in the channel's history that is another than now, complete, and neither \
revoked nor about to be.

Examples:
  $ touchmark channel rollback alpine:production --dry-run
  $ touchmark channel rollback alpine:production")]
    Rollback {
        /// The channel
        #[arg(value_name = "BUCKET:CHANNEL", add = names(Named::ChannelAddress))]
        channel: Address,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Show what a channel held, when, and who assigned it
    #[command(after_help = "\
Examples:
  $ touchmark channel history alpine:production")]
    History {
        /// The channel
        #[arg(value_name = "BUCKET:CHANNEL", add = names(Named::ChannelAddress))]
        channel: Address,
    },
    /// Delete a channel; the versions stay
    #[command(after_help = "\
Examples:
  $ touchmark channel delete alpine:testing --yes")]
    Delete {
        /// The channel
        #[arg(value_name = "BUCKET:CHANNEL", add = names(Named::ChannelAddress))]
        channel: Address,
        #[command(flatten)]
        severe: Severe,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// The channel
    #[arg(value_name = "BUCKET:CHANNEL", add = names(Named::ChannelAddress))]
    channel: Address,
    /// What it holds from the start: a version by name or fingerprint
    #[arg(long, add = names(Named::Version))]
    version: Option<String>,
    /// Only who may write sees it
    #[arg(long)]
    restricted: bool,
    #[command(flatten)]
    dry: DryRun,
}

#[derive(Debug, Args)]
pub(crate) struct Promote {
    /// Name of the bucket
    #[arg(add = names(Named::Bucket))]
    bucket: String,
    /// The channel that holds the version
    #[arg(add = names(Named::Channel))]
    from: String,
    /// The channel that is to hold it
    #[arg(add = names(Named::Channel))]
    to: String,
    #[command(flatten)]
    dry: DryRun,
}

/// Runs one of them.
pub(crate) async fn run(session: &Session, command: Command) -> Result<Report> {
    let client = session.scoped().await?;
    match command {
        Command::List { bucket } => show::list(&client, &bucket).await,
        Command::Show { channel } => show::show(&client, &channel).await,
        Command::Create(arguments) => create(&client, arguments).await,
        Command::Assign(arguments) => assign::run(&client, arguments).await,
        Command::Promote(arguments) => promote(&client, arguments).await,
        Command::Rollback { channel, dry } => rollback::run(&client, &channel, dry).await,
        Command::History { channel } => show::history(&client, &channel).await,
        Command::Delete { channel, severe } => delete(session, &client, &channel, severe).await,
    }
}

/// A channel by its address.
async fn get(client: &Client, address: &Address) -> Result<Channel> {
    let answer = client.get_channel(&address.bucket, &address.name).await;
    let answer = answer.missing(&address.bucket)?;
    Ok(answer.channel.unwrap_or_default())
}

/// Says what a channel holds now.
fn holds(channel: &Channel) -> String {
    let address = format!("{}:{}", channel.bucket_name, channel.name);
    match &channel.version {
        Some(version) => format!("{address} holds {}.", words::version(version)),
        None => format!("{address} holds nothing."),
    }
}

/// Why a channel does not take a version: whether that is revoked tells the exit code.
async fn refused(client: &Client, (bucket, fingerprint): (&str, &str), error: Error) -> Failure {
    let mut failure = Failure::from(error).missing(bucket);
    if !failure.is(Code::Failure) {
        return failure;
    }
    let Ok(answer) = client.get_version(bucket, fingerprint).await else {
        return failure;
    };
    match answer.version.unwrap_or_default().status {
        VersionStatus::Active | VersionStatus::RevocationScheduled => return failure,
        VersionStatus::Revoked => failure.code = Code::Refused as u8,
        _ => {}
    }
    failure.hint(format!("touchmark version list {bucket} --status active"))
}

async fn create(client: &Client, arguments: Create) -> Result<Report> {
    let Address { bucket, name } = arguments.channel;
    let body = CreateChannelBody {
        name,
        restricted: arguments.restricted,
        version_fingerprint: match arguments.version {
            Some(version) => version::fingerprint(client, &bucket, &version).await?,
            None => String::new(),
        },
    };
    if arguments.dry.dry_run {
        return Request::new(&Method::POST, client.scope()?.channels(&bucket), &body)?.report();
    }
    let show = || format!("touchmark channel show {bucket}:{}", body.name);
    let channel = match client.create_channel(&bucket, &body).await {
        Ok(answer) => answer.channel.unwrap_or_default(),
        Err(error) => {
            let held = (bucket.as_str(), body.version_fingerprint.as_str());
            let failure = refused(client, held, error).await;
            return Err(failure.next(Code::Conflict, show));
        }
    };
    let text = format!("Channel {} was created. {}", channel.name, holds(&channel));
    Report::new(&channel, text)
}

async fn promote(client: &Client, arguments: Promote) -> Result<Report> {
    let bucket = arguments.bucket;
    let body = AssignChannelVersionBody {
        source_channel: arguments.from,
        target_channel: arguments.to,
    };
    if arguments.dry.dry_run {
        let path = client.scope()?.channel_assign(&bucket);
        return Request::new(&Method::POST, path, &body)?.report();
    }
    let answer = client.assign_channel_version(&bucket, &body).await;
    let answer = answer.missing(&bucket)?;
    let target = answer.target_channel.unwrap_or_default();
    Report::new(&target, holds(&target))
}

async fn delete(
    session: &Session,
    client: &Client,
    address: &Address,
    severe: Severe,
) -> Result<Report> {
    if severe.dry.dry_run {
        let path = client.scope()?.channel(&address.bucket, &address.name);
        return Request::bare(&Method::DELETE, path).report();
    }
    let channel = get(client, address).await?;
    let what = format!("delete channel {address}");
    session
        .terminal
        .confirm(severe.yes, &what, &address.to_string())?;
    client
        .delete_channel(&address.bucket, &address.name)
        .await?;
    Report::new(&channel, format!("Channel {address} was deleted."))
}
