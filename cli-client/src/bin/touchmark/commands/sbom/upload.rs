//! `touchmark sbom upload`.

use std::io::{self, Read as _};
use std::path::Path;

use clap::Args;
use touchmark_client::{
    Client, Method,
    wire::{paths, sbom::UploadSbomBody},
};

use crate::address::Address;
use crate::commands::version;
use crate::completion::{Named, names};
use crate::exit::{Code, Context as _, Next as _, Result};
use crate::output::Report;
use crate::record::sbom::Document;
use crate::request::{DryRun, Request};
use crate::session::Session;

use super::{Listed, build};

#[derive(Debug, Args)]
pub(crate) struct Upload {
    /// The version, by name or fingerprint
    #[arg(value_name = "BUCKET:VERSION", add = names(Named::VersionAddress))]
    version: Address,
    /// The document; - is standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Component type of the build [default: the only one]
    #[arg(long, value_name = "COMPONENT")]
    build: Option<String>,
    /// Name of the document within the build [default: from the name of the file]
    #[arg(long)]
    name: Option<String>,
    #[command(flatten)]
    dry: DryRun,
}

/// Uploads a document.
pub(super) async fn run(session: &Session, client: &Client, arguments: Upload) -> Result<Report> {
    let document = read(&arguments.file)?;
    let version = version::find(client, &arguments.version).await?;
    let build = build(&version, arguments.build.as_deref())?;
    let body = UploadSbomBody {
        format: Some(document.format),
        compressed_sbom: document.compressed,
        name: arguments.name.unwrap_or(document.name),
    };
    let (bucket, fingerprint) = (&version.bucket_name, &version.fingerprint);
    if arguments.dry.dry_run {
        let path = paths::own_sboms(bucket, fingerprint, &build.id);
        return Request::new(&Method::PUT, path, &body)?.report();
    }
    let place = (bucket.as_str(), fingerprint.as_str(), build.id.as_str());
    let answer = client
        .own()
        .upload_sbom(session.project(), place, &body)
        .await;
    let answer = answer.next(Code::Conflict, || "name it with --name".to_owned())?;
    let listed = Listed {
        component_type: build.component_type.clone(),
        build_id: build.id.clone(),
        sbom: answer.sbom.unwrap_or_default(),
    };
    let text = format!(
        "{} of {} was uploaded as {}.",
        document.format, listed.component_type, listed.sbom.name
    );
    Report::new(&listed, text)
}

/// Reads a document; one from standard input has no name.
fn read(file: &str) -> Result<Document> {
    if file != "-" {
        return Document::read(Path::new(file));
    }
    let mut text = Vec::new();
    let unreadable = || "standard input cannot be read".to_owned();
    io::stdin().read_to_end(&mut text).context(unreadable)?;
    let document = Document::of(&text, Path::new("standard input"))?;
    Ok(Document {
        name: String::new(),
        ..document
    })
}
