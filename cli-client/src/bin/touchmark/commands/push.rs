//! `touchmark push`: records what was built elsewhere, and sends what could not be sent before.

mod compare;
mod document;
mod resume;
mod sources;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use touchmark_client::wire::{error::Code as Refusal, version::Version};

use document::Document;
pub(crate) use document::ParentFlags;

use crate::completion::{Named, names};
use crate::exit::{Code, Failure, Result};
use crate::label::Label;
use crate::output::Report;
use crate::record::courier;
use crate::record::entry::{Entry, Header, now};
use crate::record::journal::Journal;
use crate::record::parent;
use crate::record::report;
use crate::record::sender::Sender;
use crate::session::Session;
use crate::words;

/// What `push` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
What is pushed comes from a document, --manifest, --docker-metadata, or --id with what belongs to it. The \
same content has the same fingerprint, so that pushing it again changes nothing.

Examples:
  $ touchmark push --bucket hello --manifest packer-manifest.json
  $ touchmark push --bucket app --docker-metadata metadata.json --channel dev
  $ touchmark push --bucket debian --component mkosi.debian --platform mkosi --id image_1.raw --label release=bookworm
  $ touchmark push build.json --dry-run
  $ touchmark push build.json
  $ touchmark push --resume")]
pub(crate) struct Arguments {
    /// Bucket to record in
    #[arg(long, value_name = "NAME", add = names(Named::Bucket))]
    bucket: Option<String>,
    /// Fingerprint of the version [default: from the content]
    #[arg(long, value_name = "TEXT")]
    fingerprint: Option<String>,
    /// The last run in a file of Packer's manifest post-processor
    #[arg(long, value_name = "FILE", group = "source")]
    manifest: Option<PathBuf>,
    /// The file that docker buildx build --metadata-file wrote, or docker buildx bake
    #[arg(long, value_name = "FILE", group = "source")]
    docker_metadata: Option<PathBuf>,
    /// A JSON document that describes a version and its builds; - for standard input
    #[arg(value_name = "DOCUMENT", group = "source")]
    document: Option<PathBuf>,
    /// The id of a single artifact, such as ami-0123456789
    #[arg(long, value_name = "ID", group = "source", requires_all = ["platform"])]
    id: Option<String>,
    /// Send what could not be sent before
    #[arg(long, group = "source")]
    resume: bool,
    /// With --resume: drop what the registry refuses
    #[arg(long, requires = "resume")]
    discard_refused: bool,
    /// What was built, such as amazon-ebs.base [default: the platform]
    #[arg(long, value_name = "NAME")]
    component: Option<String>,
    /// The platform of the artifact, such as aws
    #[arg(long, value_name = "NAME", add = names(Named::Platform))]
    platform: Option<String>,
    /// The region of the artifact, or of images whose ids do not say it
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Label of every build; may be repeated
    #[arg(long = "label", value_name = "KEY=VALUE")]
    labels: Vec<Label>,
    #[command(flatten)]
    parent: ParentFlags,
    /// Channel that is to hold the version; may be repeated
    #[arg(long = "channel", value_name = "NAME", add = names(Named::Channel))]
    channels: Vec<String>,
    /// CycloneDX or SPDX document in JSON of a build; may be repeated
    #[arg(long = "sbom", value_name = "[BUILD=]FILE")]
    sboms: Vec<String>,
    /// Folder of what is not yet recorded [default: in the state folder of the user]
    #[arg(long, value_name = "FOLDER")]
    journal: Option<PathBuf>,
    /// Print the document that would be recorded
    #[arg(long, conflicts_with = "resume")]
    dry_run: bool,
}

/// Runs it.
pub(crate) async fn run(session: Session, arguments: Arguments) -> Result<Report> {
    let session = Arc::new(session);
    let folder = arguments.journal.clone();
    let folder = folder.unwrap_or_else(|| session.settings.folders.journal());
    if arguments.resume {
        return resume::run(&session, &folder, arguments.discard_refused).await;
    }
    let document = sources::read(&arguments)?;
    if arguments.dry_run {
        return document.report();
    }
    if let Some(report) = already(&session, &document).await? {
        return Ok(report);
    }
    let place = (document.bucket.as_str(), document.fingerprint()?);
    let header = Header::new(&session, (place.0, &place.1), document.run_uuid());
    // Without an address or credentials nothing is to be kept.
    session.client()?;
    let entries = pinned(&session, document.entries(&now())?).await?;
    let mut journal = Journal::create(&folder, header.clone())?;
    for entry in entries {
        journal.say(entry)?;
    }
    let mut sender = Sender::new(Arc::clone(&session), header);
    let (journal, delivered) = courier::deliver_all(journal, &mut sender).await;
    if let Err(failure) = &delivered
        && failure.is(Code::Unavailable)
    {
        let problem = format!("not recorded: {}", failure.message);
        return Err(report::kept(problem, journal.path()));
    }
    // Whoever is refused can push again.
    journal.remove()?;
    delivered?;
    report::report(&sender.read().await?, "")
}

/// What is to be said when a complete version has the fingerprint already.
///
/// # Errors
/// A conflict when that has other content.
async fn already(session: &Session, document: &Document) -> Result<Option<Report>> {
    let fingerprint = document.fingerprint()?;
    let Some(version) = version(session, &document.bucket, &fingerprint).await? else {
        return Ok(None);
    };
    if !words::is_complete(&version) {
        return Ok(None);
    }
    let differences = compare::differences(&version, document);
    if differences.is_empty() {
        return report::report(&version, ": nothing changed, it was recorded before").map(Some);
    }
    let problem = format!(
        "fingerprint {fingerprint} is {} of {} already, with other content",
        version.name, version.bucket_name
    );
    let failure = Failure::new(Code::Conflict, problem);
    let failure = differences.into_iter().fold(failure, Failure::hint);
    Err(failure.hint("a new version takes a new fingerprint: --fingerprint"))
}

/// The same with the parents that channels hold now, if the registry can be asked.
async fn pinned(session: &Session, mut entries: Vec<Entry>) -> Result<Vec<Entry>> {
    for entry in &mut entries {
        let Entry::Done(done) = entry else { continue };
        let Some(named) = &done.parent else { continue };
        let found = match session.scoped().await {
            Ok(client) => parent::pinned(&client, named).await,
            Err(failure) => Err(failure),
        };
        match found {
            Ok(found) => done.parent = Some(found),
            Err(failure) if failure.is(Code::Unavailable) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(entries)
}

/// The version of a fingerprint, if the registry can be asked and has it.
async fn version(session: &Session, bucket: &str, fingerprint: &str) -> Result<Option<Version>> {
    let client = match session.scoped().await {
        Err(failure) if failure.is(Code::Unavailable) => return Ok(None),
        client => client?,
    };
    match client.get_version(bucket, fingerprint).await {
        Ok(answer) => Ok(answer.version),
        Err(error) => {
            let missing = matches!(
                error.refusal().map(|status| status.code),
                Some(Refusal::Aborted | Refusal::NotFound)
            );
            let failure = Failure::from(error);
            // That it is away is found again when it is to be sent, which is when it is kept.
            if missing || failure.is(Code::Unavailable) {
                Ok(None)
            } else {
                Err(failure)
            }
        }
    }
}
