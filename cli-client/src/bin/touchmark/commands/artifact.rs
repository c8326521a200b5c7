//! `touchmark artifact`.

mod ids;

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use serde::Serialize;
use tokio::task::{JoinSet, LocalSet};
use touchmark_client::{
    Client, Error,
    wire::{
        channel::Channel,
        search::{ExternalArtifact, SearchExternalArtifactRequestBody},
        time::Timestamp,
        version::VersionStatus,
    },
};

use crate::completion::{Named, names};
use crate::exit::{Code, Failure, Result};
use crate::listing;
use crate::output::{Report, Table};
use crate::session::Session;
use crate::words;

/// Questions to the registry at the same time.
const AT_ONCE: usize = 8;
/// Ids in an error message.
const NAMED: usize = 10;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find out where artifacts come from, and whether they are revoked
    #[command(after_help = "\
Exits with 5 when the registry does not know one of the ids; the result says of each what is known.

Examples:
  $ touchmark artifact find ami-0a1b2c3d4e5f60002
  $ printf '%s\\n' ami-0a1b2c3d4e5f60002 ami-0a1b2c3d4e5f60003 | touchmark artifact find -
  $ touchmark artifact find --csv scan.csv --column resource --json")]
    Find(Find),
}

#[derive(Debug, Args)]
pub(crate) struct Find {
    /// Ids of artifacts, such as ami-…; - reads them from standard input, one on a line
    #[arg(value_name = "ID", required_unless_present = "csv")]
    ids: Vec<String>,
    /// Read ids from this CSV file, whose first line names its columns; - is standard input
    #[arg(long, value_name = "FILE", requires = "column")]
    csv: Option<String>,
    /// The column that the ids are in
    #[arg(long, value_name = "NAME", requires = "csv")]
    column: Option<String>,
    /// Only on this platform, such as aws
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true,
        add = names(Named::Platform)
    )]
    platform: String,
    /// Only in this region
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    region: String,
}

/// What is known of an id.
#[derive(Debug, Serialize)]
struct Known {
    /// The id that was asked for.
    id: String,
    /// Where it comes from; empty when the registry does not know it.
    found: Vec<Origin>,
}

/// Where an artifact comes from.
#[derive(Debug, Serialize)]
struct Origin {
    bucket_name: String,
    version_name: String,
    version_fingerprint: String,
    version_id: String,
    status: VersionStatus,
    revoke_at: Option<Timestamp>,
    revocation_message: String,
    component_type: String,
    platform: String,
    region: String,
    /// Names of the channels that hold the version.
    channels: Vec<String>,
}

/// Runs one of them.
pub(crate) async fn run(session: &Session, command: Command) -> Result<Report> {
    let Command::Find(arguments) = command;
    let ids = ids::read(&arguments)?;
    let client = session.scoped().await?;
    let question = |id: String| SearchExternalArtifactRequestBody {
        external_identifier: id,
        platform: arguments.platform.clone(),
        region: arguments.region.clone(),
    };
    let questions: Vec<_> = ids.into_iter().map(question).collect();
    let mut known = LocalSet::new().run_until(ask(&client, questions)).await?;
    add_channels(&client, &mut known).await?;
    report(&known)
}

/// Asks for each, several at a time; the answers are in the order of the questions.
async fn ask(
    client: &Client,
    questions: Vec<SearchExternalArtifactRequestBody>,
) -> Result<Vec<Known>> {
    let mut answers: BTreeMap<usize, Known> = BTreeMap::new();
    let mut running = JoinSet::new();
    let mut questions = questions.into_iter().enumerate();
    loop {
        while running.len() < AT_ONCE
            && let Some((place, question)) = questions.next()
        {
            let client = client.clone();
            running.spawn_local(async move {
                let found = listing::artifacts(&client, &question).await?;
                Ok::<_, Error>((place, known(question, found)))
            });
        }
        let Some(ended) = running.join_next().await else {
            return Ok(answers.into_values().collect());
        };
        let ended = ended.map_err(|error| Failure::plain(format!("a search ended: {error}")))?;
        let (place, known) = ended?;
        answers.insert(place, known);
    }
}

fn known(question: SearchExternalArtifactRequestBody, found: Vec<ExternalArtifact>) -> Known {
    let id = question.external_identifier;
    let found = found
        .into_iter()
        .flat_map(|found| origins(&id, &question.region, found))
        .collect();
    Known { id, found }
}

/// A build can have the id in several regions.
fn origins(id: &str, region: &str, found: ExternalArtifact) -> Vec<Origin> {
    let (Some(bucket), Some(build), Some(version)) = (found.bucket, found.build, found.version)
    else {
        return Vec::new();
    };
    let artifacts = build.artifacts.iter();
    artifacts
        .filter(|artifact| artifact.external_identifier == id)
        .filter(|artifact| region.is_empty() || artifact.region == region)
        .map(|artifact| Origin {
            bucket_name: bucket.name.clone(),
            version_name: version.name.clone(),
            version_fingerprint: version.fingerprint.clone(),
            version_id: version.id.clone(),
            status: version.status,
            revoke_at: version.revoke_at,
            revocation_message: version.revocation_message.clone(),
            component_type: build.component_type.clone(),
            platform: build.platform.clone(),
            region: artifact.region.clone(),
            channels: Vec::new(),
        })
        .collect()
}

/// One question for each bucket, however many ids there are.
async fn add_channels(client: &Client, known: &mut [Known]) -> Result<()> {
    let mut channels: BTreeMap<String, Vec<Channel>> = BTreeMap::new();
    for origin in known.iter_mut().flat_map(|known| &mut known.found) {
        if !channels.contains_key(&origin.bucket_name) {
            let listed = listing::channels(client, &origin.bucket_name).await?;
            channels.insert(origin.bucket_name.clone(), listed);
        }
        let listed = channels.get(&origin.bucket_name);
        let listed = listed.map_or(&[][..], Vec::as_slice);
        origin.channels = listing::holders(listed, &origin.version_id);
    }
    Ok(())
}

fn report(known: &[Known]) -> Result<Report> {
    let mut table = Table::new([
        "id",
        "bucket",
        "version",
        "status",
        "component",
        "platform",
        "region",
        "channels",
    ]);
    for Known { id, found } in known {
        for origin in found {
            table.row([
                id.clone(),
                origin.bucket_name.clone(),
                origin.version_name.clone(),
                words::version_status(origin.status),
                origin.component_type.clone(),
                words::or_dash(&origin.platform),
                words::or_dash(&origin.region),
                words::or_dash(&origin.channels.join(", ")),
            ]);
        }
        if found.is_empty() {
            let none = words::dash;
            let status = "not found".to_owned();
            table.row([
                id.clone(),
                none(),
                none(),
                status,
                none(),
                none(),
                none(),
                none(),
            ]);
        }
    }
    Ok(Report::new(&known, table.text("No id was given."))?.but(missing(known)))
}

fn missing(known: &[Known]) -> Option<Failure> {
    let missing: Vec<&str> = known
        .iter()
        .filter(|known| known.found.is_empty())
        .map(|known| known.id.as_str())
        .collect();
    if missing.is_empty() {
        return None;
    }
    let mut named = missing
        .iter()
        .take(NAMED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    if missing.len() > NAMED {
        named.push_str(", …");
    }
    let (missing, all) = (missing.len(), known.len());
    let problem = format!("not known to the registry: {named} ({missing} of {all})");
    Some(Failure::new(Code::NotFound, problem))
}
