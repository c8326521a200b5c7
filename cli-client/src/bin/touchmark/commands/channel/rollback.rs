//! `touchmark channel rollback`.

use touchmark_client::{
    Client, Method,
    wire::{
        channel::{Channel, ChannelAssignment, UpdateChannelBody},
        version::{Version, VersionStatus},
    },
};

use crate::address::Address;
use crate::exit::{Code, Failure, Next as _, Result};
use crate::listing;
use crate::output::Report;
use crate::request::{DryRun, Request};
use crate::words;

use super::get;

/// Lets the channel hold the valid version that it held before.
pub(super) async fn run(client: &Client, address: &Address, dry: DryRun) -> Result<Report> {
    let channel = get(client, address).await?;
    let history = listing::history(client, &address.bucket, &address.name).await;
    let history = history.missing(&address.bucket)?;
    let Some(to) = before(&history, &channel) else {
        let problem = format!("{address} held no other version that is valid now");
        return Err(Failure::new(Code::NotFound, problem)
            .hint(format!("touchmark channel history {address}"))
            .hint(format!("touchmark channel assign {address} VERSION")));
    };
    let body = UpdateChannelBody::assigning(&to.fingerprint);
    if dry.dry_run {
        let path = client.scope()?.channel(&address.bucket, &address.name);
        return Request::new(&Method::PATCH, path, &body)?.report();
    }
    let answer = client
        .update_channel(&address.bucket, &address.name, &body)
        .await?;
    let changed = answer.channel.unwrap_or_default();
    let from = words::held(channel.version.as_ref());
    let text = format!("{address} went back from {from} to {}.", words::version(to));
    Report::new(&changed, text)
}

/// The newest valid version in the history that is another than now.
fn before<'a>(history: &'a [ChannelAssignment], channel: &Channel) -> Option<&'a Version> {
    let now = channel.version.as_ref().map(|version| &version.id);
    let versions = history.iter().filter_map(|row| row.version.as_ref());
    versions
        .filter(|version| version.status == VersionStatus::Active)
        .find(|version| Some(&version.id) != now)
}
