//! `touchmark resolve`: the id of an image, and nothing else.

use std::fmt::Write as _;

use clap::Args;
use touchmark_client::wire::error::Status;
use touchmark_client::wire::own::{ResolveRevoked, Resolved};
use touchmark_client::{Error, ResolveQuery};

use crate::completion::{Named, names};
use crate::exit::{Code, Failure, Result};
use crate::label::{self, Label};
use crate::output::Report;
use crate::session::Session;

/// What `resolve` takes.
#[derive(Debug, Args)]
#[command(after_help = "\
Prints the id alone, so that it can stand where an id is wanted. It fails with exit code 5 when there is none, and \
says what there is; with 3 when the version is revoked.

Examples:
  $ touchmark resolve alpine:production --platform aws --region us-east-1
  $ touchmark resolve alpine:production --region us-east-1 --json=external_identifier,version
  $ touchmark resolve alpine:production --region us-east-1 --tfvars > image.auto.tfvars
  $ eval \"$(touchmark resolve alpine:production --region us-east-1 --env)\"")]
pub(crate) struct Arguments {
    /// Bucket and channel [default channel: latest]
    #[arg(value_name = "BUCKET[:CHANNEL]", add = names(Named::ChannelAddress))]
    from: String,
    /// Platform, such as aws
    #[arg(long, value_name = "NAME", add = names(Named::Platform))]
    platform: Option<String>,
    /// Region, such as us-east-1
    #[arg(long, value_name = "NAME", add = names(Named::Region))]
    region: Option<String>,
    /// What the build builds, such as amazon-ebs.base
    #[arg(long, value_name = "NAME", add = names(Named::Component))]
    component_type: Option<String>,
    /// Label that the build has; may be repeated
    #[arg(long = "label", value_name = "KEY=VALUE")]
    labels: Vec<Label>,
    /// What the channel gave at this time, such as 2026-01-31T12:00:00Z
    #[arg(long, value_name = "TIME")]
    at: Option<String>,
    /// Take a revoked version as well
    #[arg(long)]
    allow_revoked: bool,
    #[arg(long, help = "Print lines for a shell: IMAGE_ID and what belongs to it", conflicts_with_all = ["tfvars", "json"])]
    env: bool,
    #[arg(
        long,
        help = "Print lines for a .tfvars file: image_id and what belongs to it",
        conflicts_with = "json"
    )]
    tfvars: bool,
}

/// Runs it.
pub(crate) async fn run(session: &Session, arguments: Arguments) -> Result<Report> {
    let (bucket, channel) = arguments
        .from
        .split_once(':')
        .unwrap_or((&arguments.from, "latest"));
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let query = ResolveQuery {
        project: session.project().to_owned(),
        platform: text(&arguments.platform),
        region: text(&arguments.region),
        component_type: text(&arguments.component_type),
        labels: label::map(&arguments.labels),
        at: text(&arguments.at),
        allow_revoked: arguments.allow_revoked,
    };
    let resolved = session
        .client()?
        .own()
        .resolve((bucket, channel), &query)
        .await;
    let resolved = resolved.map_err(refused)?;
    let lines = if arguments.env {
        lines(&resolved, |name, value| {
            format!("IMAGE_{}={}", name.to_uppercase(), for_shell(value))
        })
    } else if arguments.tfvars {
        lines(&resolved, |name, value| {
            format!("image_{name} = {}", for_terraform(value))
        })
    } else {
        resolved.external_identifier.clone()
    };
    Report::new(&resolved, lines)
}

fn refused(error: Error) -> Failure {
    let revoked = error.refusal().and_then(Status::detail::<ResolveRevoked>);
    let failure = Failure::from(error);
    match revoked {
        Some(_) => Failure {
            code: Code::Refused as u8,
            ..failure
        }
        .hint("to have it all the same: --allow-revoked"),
        None => failure,
    }
}

fn lines(resolved: &Resolved, line: impl Fn(&str, &str) -> String) -> String {
    let values = [
        ("id", resolved.external_identifier.as_str()),
        ("platform", &resolved.platform),
        ("region", &resolved.region),
        ("component_type", &resolved.component_type),
        ("bucket", &resolved.bucket_name),
        ("channel", &resolved.channel_name),
        ("version", &resolved.version.name),
        ("fingerprint", &resolved.version.fingerprint),
    ];
    let mut text = String::new();
    for (name, value) in values {
        let _ = writeln!(text, "{}", line(name, value));
    }
    text
}

/// In single quotes, in which a shell sees nothing but their end.
fn for_shell(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}

/// A string of HCL, in which `${` and `%{` begin templates.
fn for_terraform(value: &str) -> String {
    let text = serde_json::Value::from(value).to_string();
    text.replace("${", "$${").replace("%{", "%%{")
}

#[cfg(test)]
mod tests {
    use super::{for_shell, for_terraform};

    #[test]
    fn values_mean_what_they_are() {
        assert_eq!(for_shell("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(for_terraform("a\"${b}%{c}"), r#""a\"$${b}%%{c}""#);
    }
}
