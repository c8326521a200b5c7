//! `touchmark channel assign`.

use clap::Args;
use touchmark_client::{Client, Method, wire::channel::UpdateChannelBody};

use crate::address::Address;
use crate::commands::version;
use crate::completion::{Named, names};
use crate::exit::Result;
use crate::output::Report;
use crate::request::{DryRun, Request};

use super::{holds, refused};

#[derive(Debug, Args)]
#[command(
    override_usage = "touchmark channel assign [OPTIONS] <BUCKET:CHANNEL> <VERSION|--none|--restricted>"
)]
#[group(id = "change", required = true, multiple = true, args = ["version", "none", "restricted"])]
pub(crate) struct Assign {
    /// The channel
    #[arg(value_name = "BUCKET:CHANNEL", add = names(Named::ChannelAddress))]
    channel: Address,
    /// What it is to hold: a version by name or fingerprint
    #[arg(conflicts_with = "none", add = names(Named::Version))]
    version: Option<String>,
    /// Let it hold nothing
    #[arg(long)]
    none: bool,
    /// Whether only who may write sees it
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    restricted: Option<bool>,
    #[command(flatten)]
    dry: DryRun,
}

/// Changes what the arguments name, and only that.
pub(super) async fn run(client: &Client, arguments: Assign) -> Result<Report> {
    let Address { bucket, name } = arguments.channel;
    let mut mask = Vec::new();
    if arguments.version.is_some() || arguments.none {
        mask.push("versionFingerprint");
    }
    if arguments.restricted.is_some() {
        mask.push("restricted");
    }
    let body = UpdateChannelBody {
        restricted: arguments.restricted.unwrap_or_default(),
        update_mask: Some(mask.join(",")),
        version_fingerprint: match arguments.version {
            Some(version) => version::fingerprint(client, &bucket, &version).await?,
            None => String::new(),
        },
    };
    if arguments.dry.dry_run {
        let path = client.scope()?.channel(&bucket, &name);
        return Request::new(&Method::PATCH, path, &body)?.report();
    }
    let channel = match client.update_channel(&bucket, &name, &body).await {
        Ok(answer) => answer.channel.unwrap_or_default(),
        Err(error) => {
            let held = (bucket.as_str(), body.version_fingerprint.as_str());
            return Err(refused(client, held, error).await);
        }
    };
    let mut text = holds(&channel);
    match arguments.restricted {
        Some(true) => text.push_str(" Only who may write sees it."),
        Some(false) => text.push_str(" Everybody who may read sees it."),
        None => {}
    }
    Report::new(&channel, text)
}
