//! `touchmark sbom upload`.

use std::io::{self, Read as _};

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use clap::Args;
use serde_json::Value;
use touchmark_client::{
    Client, Method,
    wire::{
        build::BuildStatus,
        sbom::{SbomFormat, UploadSbomBody},
    },
};

use crate::address::Address;
use crate::commands::version;
use crate::exit::{Context as _, Failure, Result};
use crate::output::Report;
use crate::request::{DryRun, Request};

use super::{Listed, build};

/// How much is tried to make it small.
const LEVEL: i32 = 3;

#[derive(Debug, Args)]
pub(crate) struct Upload {
    /// The version, by name or fingerprint
    #[arg(value_name = "BUCKET:VERSION")]
    version: Address,
    /// The document; - is standard input
    #[arg(value_name = "FILE")]
    file: String,
    /// Component type of the build [default: the only one]
    #[arg(long, value_name = "COMPONENT")]
    build: Option<String>,
    /// Name of the document within the build [default: a new one]
    #[arg(long, default_value = "", hide_default_value = true)]
    name: String,
    #[command(flatten)]
    dry: DryRun,
}

/// Uploads a document.
pub(super) async fn run(client: &Client, arguments: Upload) -> Result<Report> {
    let document = read(&arguments.file)?;
    let format = format(&document, &arguments.file)?;
    let compressed = zstd::encode_all(document.as_slice(), LEVEL)
        .context(|| format!("{} cannot be compressed", arguments.file))?;
    let version = version::find(client, &arguments.version).await?;
    let build = build(&version, arguments.build.as_deref())?;
    let body = UploadSbomBody {
        compressed_sbom: BASE64.encode(compressed),
        format: Some(format),
        name: arguments.name,
    };
    let (bucket, fingerprint) = (&version.bucket_name, &version.fingerprint);
    if arguments.dry.dry_run {
        let path = client.scope()?.sboms(bucket, fingerprint, &build.id);
        return Request::new(&Method::PUT, path, &body)?.report();
    }
    let answer = client
        .upload_sbom(bucket, fingerprint, &build.id, &body)
        .await;
    let answer = answer.map_err(|error| {
        let failure: Failure = error.into();
        match build.status {
            BuildStatus::Done => failure.hint("upload it while the build is running"),
            _ => failure,
        }
    })?;
    let listed = Listed {
        component_type: build.component_type.clone(),
        build_id: build.id.clone(),
        sbom: answer.sbom.unwrap_or_default(),
    };
    let text = format!(
        "{} of {} was uploaded as {}.",
        format.as_str(),
        listed.component_type,
        listed.sbom.name
    );
    Report::new(&listed, text)
}

fn read(file: &str) -> Result<Vec<u8>> {
    let mut document = Vec::new();
    let read = if file == "-" {
        io::stdin().read_to_end(&mut document)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut document))
    };
    read.context(|| format!("{file} cannot be read"))?;
    Ok(document)
}

/// What a document is written in, as it says itself.
fn format(document: &[u8], file: &str) -> Result<SbomFormat> {
    let value: Value = serde_json::from_slice(document)
        .map_err(|error| Failure::usage(format!("{file} is no JSON: {error}")))?;
    if value.get("bomFormat").and_then(Value::as_str) == Some("CycloneDX") {
        return Ok(SbomFormat::CycloneDx);
    }
    if value.get("spdxVersion").is_some() {
        return Ok(SbomFormat::Spdx);
    }
    let problem =
        format!("{file} is neither CycloneDX nor SPDX: it has no bomFormat, no spdxVersion");
    Err(Failure::usage(problem))
}
