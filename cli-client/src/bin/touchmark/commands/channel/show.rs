//! `touchmark channel list`, `show` and `history`.

use touchmark_client::Client;

use crate::address::Address;
use crate::commands::version;
use crate::exit::{Next as _, Result};
use crate::listing;
use crate::output::{Details, Report, Table};
use crate::words;

use super::get;

/// Lists the channels of a bucket.
pub(super) async fn list(client: &Client, bucket: &str) -> Result<Report> {
    let channels = listing::channels(client, bucket).await.missing(bucket)?;
    let mut table = Table::new(["name", "version", "fingerprint", "status", "since", "kind"]);
    for channel in &channels {
        let version = channel.version.as_ref();
        let kind = [
            (channel.managed, "managed"),
            (channel.restricted, "restricted"),
        ];
        let kind = kind.iter().filter(|(is, _)| *is).map(|(_, word)| *word);
        table.row([
            channel.name.clone(),
            words::held(version),
            version.map_or_else(words::dash, |version| version.fingerprint.clone()),
            words::held_status(version),
            words::time(channel.updated_at),
            kind.collect::<Vec<_>>().join(", "),
        ]);
    }
    let none = format!(
        "There is no channel that you can see. Make one: touchmark channel create {bucket}:NAME"
    );
    Report::new(&channels, table.text(&none))
}

/// Shows a channel and what it hands out.
pub(super) async fn show(client: &Client, address: &Address) -> Result<Report> {
    let channel = get(client, address).await?;
    let mut details = Details::default();
    details.line("Channel", address.to_string());
    match &channel.version {
        Some(version) => details
            .line("Version", words::version(version))
            .line("Status", words::version_status(version.status))
            .line("Revocation", version::revocation(version)),
        None => details.line("Version", "none"),
    };
    details
        .line("Managed", if channel.managed { "yes" } else { "" })
        .line("Restricted", if channel.restricted { "yes" } else { "" })
        .line("Changed", words::time(channel.updated_at))
        .line("By", &channel.author_id);
    let rest = match &channel.version {
        Some(version) => version::artifacts(&version.builds),
        None => format!("It holds nothing yet: touchmark channel assign {address} VERSION\n"),
    };
    Report::new(&channel, format!("{}\n{rest}", details.text()))
}

/// Shows what a channel held.
pub(super) async fn history(client: &Client, address: &Address) -> Result<Report> {
    let history = listing::history(client, &address.bucket, &address.name).await;
    let history = history.missing(&address.bucket)?;
    let mut table = Table::new(["assigned", "version", "fingerprint", "status now", "by"]);
    for row in &history {
        let version = row.version.as_ref();
        table.row([
            words::time(row.assigned_at),
            words::held(version),
            version.map_or_else(words::dash, |version| version.fingerprint.clone()),
            words::held_status(version),
            row.author_id.clone(),
        ]);
    }
    let none = format!("It never held anything: touchmark channel assign {address} VERSION");
    Report::new(&history, table.text(&none))
}
