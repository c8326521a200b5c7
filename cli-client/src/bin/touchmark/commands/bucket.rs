//! `touchmark bucket`.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde::Serialize;
use touchmark_client::{
    Client, Method,
    wire::{
        ancestry::{BucketAncestry, BucketAncestryType},
        bucket::{Bucket, CreateBucketBody, UpdateBucketBody},
        channel::Channel,
    },
};

use crate::completion::{Named, names};
use crate::exit::{Code, Failure, Next as _, Result};
use crate::label::{self, Label};
use crate::listing;
use crate::output::{Details, Report, Table};
use crate::request::{DryRun, Request, Severe};
use crate::session::Session;
use crate::words;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the buckets of the project
    #[command(after_help = "\
Examples:
  $ touchmark bucket list
  $ touchmark bucket list --json=name,version_count")]
    List,
    /// Show a bucket: its latest version, its channels, what it was built from
    #[command(after_help = "\
Examples:
  $ touchmark bucket show alpine
  $ touchmark bucket show alpine --json=labels,channels")]
    Show {
        /// Name of the bucket
        #[arg(value_name = "BUCKET", add = names(Named::Bucket))]
        name: String,
    },
    /// Create a bucket
    #[command(after_help = "\
Examples:
  $ touchmark bucket create ubuntu --description \"Base images\" --label team=platform")]
    Create {
        /// Name of the bucket
        #[arg(value_name = "BUCKET")]
        name: String,
        /// What it is for
        #[arg(
            long,
            value_name = "TEXT",
            default_value = "",
            hide_default_value = true
        )]
        description: String,
        /// Label; may be repeated
        #[arg(long = "label", value_name = "KEY=VALUE")]
        labels: Vec<Label>,
        #[command(flatten)]
        dry: DryRun,
    },
    /// Change the description or the labels of a bucket
    #[command(after_help = "\
Examples:
  $ touchmark bucket update ubuntu --description \"Hardened base images\"
  $ touchmark bucket update ubuntu --label tier=base --remove-label team")]
    Update(Update),
    /// Delete a bucket with all its versions and channels
    #[command(after_help = "\
Examples:
  $ touchmark bucket delete ubuntu --dry-run
  $ touchmark bucket delete ubuntu --yes")]
    Delete {
        /// Name of the bucket
        #[arg(value_name = "BUCKET", add = names(Named::Bucket))]
        name: String,
        #[command(flatten)]
        severe: Severe,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Update {
    /// Name of the bucket
    #[arg(value_name = "BUCKET", add = names(Named::Bucket))]
    name: String,
    /// What it is for
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Label to add or change; may be repeated
    #[arg(long = "label", value_name = "KEY=VALUE")]
    labels: Vec<Label>,
    /// Label to take away; may be repeated
    #[arg(long = "remove-label", value_name = "KEY")]
    removed: Vec<String>,
    #[command(flatten)]
    dry: DryRun,
}

/// Runs one of them.
pub(crate) async fn run(session: &Session, command: Command) -> Result<Report> {
    let client = session.scoped().await?;
    match command {
        Command::List => list(&client).await,
        Command::Show { name } => show(&client, &name).await,
        Command::Create {
            name,
            description,
            labels,
            dry,
        } => {
            let body = CreateBucketBody {
                name,
                description,
                labels: label::map(&labels),
            };
            create(session, &client, body, dry).await
        }
        Command::Update(update) => change(&client, update).await,
        Command::Delete { name, severe } => delete(session, &client, &name, severe).await,
    }
}

async fn list(client: &Client) -> Result<Report> {
    let buckets = listing::buckets(client).await?;
    let mut table = Table::new(["name", "latest", "versions", "platforms", "description"]);
    for bucket in &buckets {
        table.row([
            bucket.name.clone(),
            words::held(bucket.latest_version.as_ref()),
            bucket.version_count.to_string(),
            bucket.platforms.join(", "),
            bucket.description.clone(),
        ]);
    }
    Report::new(
        &buckets,
        table.text("There are no buckets yet. Make one: touchmark bucket create NAME"),
    )
}

#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    bucket: Bucket,
    channels: Vec<Channel>,
    ancestry: Vec<BucketAncestry>,
}

async fn show(client: &Client, name: &str) -> Result<Report> {
    let bucket = get(client, name).await?;
    let channels = listing::channels(client, name).await?;
    let ancestry = listing::relations(client, (name, None), BucketAncestryType::Parents).await?;
    let mut details = Details::default();
    details
        .line("Bucket", &bucket.name)
        .line("Description", &bucket.description)
        .line("Labels", words::labels(&bucket.labels))
        .line("Latest", latest(&bucket))
        .line("Versions", bucket.version_count.to_string())
        .line("Platforms", bucket.platforms.join(", "))
        .line("Created", words::time(bucket.created_at))
        .line("Changed", words::time(bucket.updated_at));
    for relation in &ancestry {
        details.line("Built from", parent(relation));
    }
    let mut table = Table::new(["channel", "version", "status", "since"]);
    for channel in &channels {
        let version = channel.version.as_ref();
        table.row([
            channel.name.clone(),
            words::held(version),
            words::held_status(version),
            words::time(channel.updated_at),
        ]);
    }
    let none = format!("There is no channel yet. Make one: touchmark channel create {name}:NAME");
    let text = format!("{}\n{}", details.text(), table.text(&none));
    let shown = Shown {
        bucket,
        channels,
        ancestry,
    };
    Report::new(&shown, text)
}

fn latest(bucket: &Bucket) -> String {
    let version = bucket.latest_version.as_ref();
    version.map_or_else(|| "none is complete yet".to_owned(), words::version)
}

/// The parent of a relation, and whether its channel has moved on.
pub(crate) fn parent(relation: &BucketAncestry) -> String {
    let Some(parent) = &relation.parent else {
        return String::new();
    };
    let version = format!("{}:{}", parent.bucket_name, parent.version_name);
    let now = parent.channel_version.as_ref();
    match (parent.channel_name.as_str(), now) {
        ("", _) => version,
        (channel, Some(now)) if now.id != parent.version_id => {
            format!(
                "{version}, of channel {channel}, which holds {} now",
                now.name
            )
        }
        (channel, Some(_)) => format!("{version}, of channel {channel}"),
        (channel, None) => format!("{version}, of channel {channel}, which holds nothing now"),
    }
}

/// A bucket by name.
async fn get(client: &Client, name: &str) -> Result<Bucket> {
    let answer = client.get_bucket(name).await.missing(name)?;
    Ok(answer.bucket.unwrap_or_default())
}

async fn create(
    session: &Session,
    client: &Client,
    body: CreateBucketBody,
    dry: DryRun,
) -> Result<Report> {
    if dry.dry_run {
        return Request::new(&Method::PUT, client.scope()?.buckets(), &body)?.report();
    }
    let answer = client.create_bucket(&body).await;
    let answer = answer.next(Code::Conflict, || {
        format!("touchmark bucket show {}", body.name)
    })?;
    let bucket = answer.bucket.unwrap_or_default();
    let name = &bucket.name;
    session
        .terminal
        .say(&format!("Next: touchmark channel create {name}:production"));
    Report::new(&bucket, format!("Bucket {name} was created."))
}

async fn change(client: &Client, update: Update) -> Result<Report> {
    let Update {
        name,
        description,
        labels: added,
        removed,
        dry,
    } = update;
    if description.is_none() && added.is_empty() && removed.is_empty() {
        return Err(Failure::usage("nothing is to be changed")
            .hint("name it with --description, --label or --remove-label"));
    }
    let labels = if added.is_empty() && removed.is_empty() {
        None
    } else {
        let labels = get(client, &name).await?.labels;
        Some(relabelled(labels, &added, &removed))
    };
    let body = UpdateBucketBody {
        description,
        labels,
        platforms: None,
    };
    if dry.dry_run {
        return Request::new(&Method::PATCH, client.scope()?.bucket(&name), &body)?.report();
    }
    let answer = client.update_bucket(&name, &body).await.missing(&name)?;
    let bucket = answer.bucket.unwrap_or_default();
    Report::new(&bucket, format!("Bucket {name} was changed."))
}

fn relabelled(
    mut labels: BTreeMap<String, String>,
    added: &[Label],
    removed: &[String],
) -> BTreeMap<String, String> {
    labels.retain(|name, _| !removed.contains(name));
    labels.extend(label::map(added));
    labels
}

async fn delete(session: &Session, client: &Client, name: &str, severe: Severe) -> Result<Report> {
    if severe.dry.dry_run {
        return Request::bare(&Method::DELETE, client.scope()?.bucket(name)).report();
    }
    let bucket = get(client, name).await?;
    let what = format!(
        "delete bucket {name} with its {} versions",
        bucket.version_count
    );
    session.terminal.confirm(severe.yes, &what, name)?;
    client.delete_bucket(name).await?;
    Report::new(&bucket, format!("Bucket {name} was deleted."))
}
