//! `touchmark build`: runs Packer and records what it builds, or lets it do that by itself.

mod hand_over;
mod recording;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use super::push::ParentFlags;
use crate::completion::{Named, names};
use crate::exit::{Failure, Result};
use crate::label::Label;
use crate::output::{Details, Report};
use crate::packer::arguments::PackerArguments;
use crate::packer::program::Program;
use crate::packer::template::Template;
use crate::record::display::Format;
use crate::record::entry::{Parent, now};
use crate::session::Session;
use crate::settings::variable;

/// What `build` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
The flags of touchmark come first, then Packer's own, then the template. Packer is the one in PATH, or the one that \
TOUCHMARK_PACKER names. A Packer that can record by itself does so, if the template has a block hcp_packer_registry, \
the registry answers, and no flag asks for more than it can do.

Examples:
  $ touchmark build --bucket hello --dry-run hello.pkr.hcl
  $ touchmark build --bucket hello hello.pkr.hcl
  $ touchmark build --bucket hello --label team=platform --parent base:production -force hello.pkr.hcl
  $ touchmark build --bucket hello --channel dev -parallel-builds=1 hello.pkr.hcl")]
pub(crate) struct Arguments {
    #[arg(
        long,
        value_name = "NAME",
        help = "Bucket to record in [default: HCP_PACKER_BUCKET_NAME, the template's, or the name of its build block]",
        add = names(Named::Bucket)
    )]
    bucket: Option<String>,
    #[arg(
        long,
        value_name = "TEXT",
        help = "Fingerprint of the version [default: HCP_PACKER_BUILD_FINGERPRINT, or a new one]"
    )]
    fingerprint: Option<String>,
    /// Label of every build; may be repeated
    #[arg(long = "label", value_name = "KEY=VALUE")]
    labels: Vec<Label>,
    #[command(flatten)]
    parent: ParentFlags,
    /// Where images are whose ids do not say it
    #[arg(long, value_name = "NAME")]
    region: Option<String>,
    /// Channel that is to hold the version once it is complete; may be repeated
    #[arg(long = "channel", value_name = "NAME", add = names(Named::Channel))]
    channels: Vec<String>,
    /// CycloneDX or SPDX document in JSON of a build, such as file.notes=out/sbom.json; may be repeated
    #[arg(long = "sbom", value_name = "[BUILD=]FILE")]
    sboms: Vec<String>,
    /// Record here even if Packer could do it
    #[arg(long)]
    record: bool,
    /// Folder of what is not yet recorded [default: in the state folder of the user]
    #[arg(long, value_name = "FOLDER")]
    journal: Option<PathBuf>,
    /// How to show what goes on
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    message_format: Format,
    /// Seconds between two signs of life of a running build
    #[arg(long, default_value_t = 120, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=600))]
    heartbeat: u64,
    /// Print what would be recorded, and how Packer would be run
    #[arg(long)]
    dry_run: bool,
    /// Packer's own arguments, and the template
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true,
        value_name = "PACKER ARGUMENTS"
    )]
    packer: Vec<String>,
}

/// What is to be built, and where it is recorded.
pub(crate) struct Plan {
    program: Program,
    packer: PackerArguments,
    template: Template,
    bucket: String,
    fingerprint: String,
    parent: Option<Parent>,
}

impl Plan {
    fn report(&self, by_itself: bool) -> Result<Report> {
        let components = self.template.components.iter();
        let components: Vec<&str> = components
            .map(|component| component.component_type.as_str())
            .collect();
        let packer = [&["build".to_owned()], self.packer.all.as_slice()].concat();
        let value = json!({
            "bucket": self.bucket,
            "fingerprint": self.fingerprint,
            "builds": components,
            "packer": self.program.path,
            "packer_version": self.program.version,
            "packer_arguments": packer,
            "recorded_by": if by_itself { "packer" } else { "touchmark" },
        });
        let mut details = Details::default();
        details.line("Bucket", &self.bucket);
        details.line("Fingerprint", &self.fingerprint);
        details.line("Builds", components.join(", "));
        let program = self.program.path.display();
        details.line("Packer", format!("{program} {}", packer.join(" ")));
        let who = if by_itself { "Packer" } else { "touchmark" };
        details.line("Recorded", format!("by {who}"));
        Report::new(&value, details.text())
    }
}

/// Runs it.
pub(crate) async fn run(session: Session, arguments: Arguments) -> Result<Report> {
    let packer = PackerArguments::parse(&arguments.packer)?;
    let program = Program::find()?;
    let template = Template::read(&packer)?;
    let plan = Plan {
        bucket: bucket(&arguments, &template)?,
        fingerprint: fingerprint(&arguments),
        parent: arguments.parent.named().map(|parent| parent.at(&now())),
        program,
        packer,
        template,
    };
    let session = Arc::new(session);
    let by_itself = hand_over::is_possible(&session, &arguments, &plan).await;
    if arguments.dry_run {
        return plan.report(by_itself);
    }
    if by_itself {
        return hand_over::run(&session, &arguments, &plan).await;
    }
    recording::run(session, &arguments, &plan).await
}

fn bucket(arguments: &Arguments, template: &Template) -> Result<String> {
    let block = template
        .registry
        .as_ref()
        .map(|block| block.bucket_name.clone());
    let names = [
        arguments.bucket.clone(),
        variable("HCP_PACKER_BUCKET_NAME"),
        block,
        Some(template.build_name.clone()),
    ];
    let mut names = names.into_iter().flatten().filter(|name| !name.is_empty());
    names.next().ok_or_else(|| {
        Failure::usage("it is not known which bucket this is built for")
            .hint("name it with --bucket")
    })
}

fn fingerprint(arguments: &Arguments) -> String {
    let given = arguments.fingerprint.clone();
    let given = given.or_else(|| variable("HCP_PACKER_BUILD_FINGERPRINT"));
    given.unwrap_or_else(|| ulid::Ulid::new().to_string())
}
