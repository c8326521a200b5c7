//! `touchmark bucket`.

use clap::Subcommand;
use touchmark_client::{Page, wire::bucket::Bucket};

use crate::exit::Result;
use crate::output::{Report, Table};
use crate::session::Session;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the buckets of the project
    #[command(after_help = "\
Examples:
  $ touchmark bucket list
  $ touchmark bucket list --json=name,version_count")]
    List,
}

/// Runs one of them.
pub(crate) async fn run(session: &Session, command: Command) -> Result<Report> {
    match command {
        Command::List => list(session).await,
    }
}

async fn list(session: &Session) -> Result<Report> {
    let client = session.scoped().await?;
    let mut page = Page {
        order_by: vec!["name".to_owned()],
        ..Page::default()
    };
    let mut buckets: Vec<Bucket> = Vec::new();
    loop {
        let answer = client.list_buckets(&page).await?;
        buckets.extend(answer.buckets);
        let next = answer
            .pagination
            .map(|pagination| pagination.next_page_token);
        let Some(token) = next.filter(|token| !token.is_empty()) else {
            break;
        };
        page.next_page_token = Some(token);
    }
    let mut table = Table::new(["name", "latest", "versions", "platforms", "description"]);
    for bucket in &buckets {
        let latest = bucket
            .latest_version
            .as_ref()
            .map(|version| version.name.clone());
        table.row([
            bucket.name.clone(),
            latest.unwrap_or_else(|| "-".to_owned()),
            bucket.version_count.to_string(),
            bucket.platforms.join(", "),
            bucket.description.clone(),
        ]);
    }
    Report::new(
        &buckets,
        table.text("There are no buckets yet. Make one: touchmark bucket create NAME"),
    )
}
