//! `touchmark sbom`.

mod upload;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde::Serialize;
use serde_json::Value;
use touchmark_client::{
    Client,
    wire::{build::Build, sbom::Sbom, version::Version},
};

use crate::address::Address;
use crate::commands::version;
use crate::completion::{Named, names};
use crate::exit::{Code, Context as _, Failure, Next as _, Result};
use crate::output::{Report, Table};
use crate::session::Session;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Upload a software bill of material of a build
    #[command(after_help = "\
CycloneDX 1.x and SPDX 2.x in JSON; which of them it is, is read from the document. A build that is done takes \
documents as well, under new names.

Examples:
  $ touchmark sbom upload alpine:nightly --build amazon-ebs.base sbom.cdx.json
  $ touchmark sbom upload alpine:v3 --name licences - < sbom.cdx.json")]
    Upload(upload::Upload),
    /// Download a software bill of material, as it was uploaded
    #[command(after_help = "\
Examples:
  $ touchmark sbom download alpine:v2
  $ touchmark sbom download alpine:v3 --build amazon-ebs.base --name system -o system.cdx.json")]
    Download(Download),
    /// List the software bills of material of a version
    #[command(after_help = "\
Examples:
  $ touchmark sbom list alpine:v3")]
    List {
        /// The version, by name or fingerprint
        #[arg(value_name = "BUCKET:VERSION", add = names(Named::VersionAddress))]
        version: Address,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Download {
    /// The version, by name or fingerprint
    #[arg(value_name = "BUCKET:VERSION", add = names(Named::VersionAddress))]
    version: Address,
    /// Component type of the build [default: the only one with such a document]
    #[arg(long, value_name = "COMPONENT")]
    build: Option<String>,
    /// Name of the document [default: the only one]
    #[arg(long)]
    name: Option<String>,
    /// Write it to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A software bill of material, and whose it is.
#[derive(Debug, Serialize)]
struct Listed {
    component_type: String,
    build_id: String,
    #[serde(flatten)]
    sbom: Sbom,
}

/// Runs one of them.
pub(crate) async fn run(session: &Session, command: Command) -> Result<Report> {
    let client = session.scoped().await?;
    match command {
        Command::Upload(arguments) => upload::run(session, &client, arguments).await,
        Command::Download(arguments) => download(&client, arguments).await,
        Command::List { version } => list(&client, &version).await,
    }
}

async fn list(client: &Client, address: &Address) -> Result<Report> {
    let version = version::find(client, address).await?;
    let listed = all(client, &version).await?;
    let mut table = Table::new(["build", "name", "format"]);
    for Listed {
        component_type,
        sbom,
        ..
    } in &listed
    {
        table.row([
            component_type.clone(),
            sbom.name.clone(),
            sbom.format.to_string(),
        ]);
    }
    let none =
        format!("It has none. Upload one: touchmark sbom upload {address} --build COMPONENT FILE");
    Report::new(&listed, table.text(&none))
}

/// Those of all builds of a version.
async fn all(client: &Client, version: &Version) -> Result<Vec<Listed>> {
    let mut listed = Vec::new();
    for build in &version.builds {
        let answer = client
            .list_sboms(&version.bucket_name, &version.fingerprint, &build.id)
            .await?;
        listed.extend(answer.sboms.into_iter().map(|sbom| Listed {
            component_type: build.component_type.clone(),
            build_id: build.id.clone(),
            sbom,
        }));
    }
    Ok(listed)
}

/// The build that is meant: the one of this component type, or the only one.
fn build<'a>(version: &'a Version, component: Option<&str>) -> Result<&'a Build> {
    let mut builds = version.builds.iter();
    let found = match (component, version.builds.as_slice()) {
        (Some(component), _) => builds.find(|build| build.component_type == component),
        (None, [only]) => Some(only),
        (None, _) => None,
    };
    found.ok_or_else(|| {
        let all: Vec<&str> = builds_of(version).collect();
        let all = all.join(", ");
        match component {
            Some(component) => {
                let problem = format!("there is no build {component}; there is {all}");
                Failure::new(Code::NotFound, problem)
            }
            None => Failure::usage(format!("several builds can be meant: {all}"))
                .hint("name one with --build"),
        }
    })
}

fn builds_of(version: &Version) -> impl Iterator<Item = &str> {
    let builds = version.builds.iter();
    builds.map(|build| build.component_type.as_str())
}

async fn download(client: &Client, arguments: Download) -> Result<Report> {
    let version = version::find(client, &arguments.version).await?;
    let sbom = choose(all(client, &version).await?, &arguments)?;
    let (bucket, fingerprint) = (&version.bucket_name, &version.fingerprint);
    let bytes = client
        .download_sbom(bucket, fingerprint, &sbom.build_id, &sbom.sbom.name)
        .await
        .next(Code::NotFound, || {
            format!("touchmark sbom list {}", arguments.version)
        })?;
    if let Some(file) = arguments.output {
        std::fs::write(&file, &bytes)
            .context(|| format!("{} cannot be written", file.display()))?;
        let text = format!("{} was written.", file.display());
        return Report::new(&sbom, text);
    }
    let text = String::from_utf8(bytes).context(|| "the document is no text".to_owned())?;
    let value: Value =
        serde_json::from_str(&text).context(|| "the document is no JSON".to_owned())?;
    Report::document(&value, text)
}

/// The only one that the arguments allow.
fn choose(listed: Vec<Listed>, arguments: &Download) -> Result<Listed> {
    let wanted = |listed: &Listed| {
        let build = arguments.build.as_ref();
        let name = arguments.name.as_ref();
        build.is_none_or(|build| *build == listed.component_type)
            && name.is_none_or(|name| *name == listed.sbom.name)
    };
    let mut found: Vec<Listed> = listed.into_iter().filter(wanted).collect();
    let address = &arguments.version;
    match (found.pop(), found.pop()) {
        (Some(only), None) => Ok(only),
        (None, _) => {
            let problem = format!("{address} has no software bill of material like that");
            Err(Failure::new(Code::NotFound, problem)
                .hint(format!("touchmark sbom list {address}")))
        }
        (Some(_), Some(_)) => Err(Failure::usage(format!("{address} has several"))
            .hint(format!("touchmark sbom list {address}"))
            .hint("name one with --build and --name")),
    }
}
