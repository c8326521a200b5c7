//! `touchmark events`.

mod follow;

use clap::Args;
use touchmark_client::{
    EventFilter, Part,
    wire::own::{Actor, Event},
};

use crate::completion::{Named, names};
use crate::exit::{Next as _, Result};
use crate::output::{Report, Table};
use crate::session::Session;
use crate::settings::Flags;
use crate::words;

/// Events that are listed when no number is given.
const LIMIT: usize = 50;

/// Events of a page at most.
const PAGE: usize = 200;

/// Which events are wanted.
#[derive(Debug, Args)]
pub(crate) struct Events {
    /// Only of this bucket
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true,
        add = names(Named::Bucket)
    )]
    bucket: String,
    /// Only about this kind of resource, such as channel
    #[arg(
        long,
        value_name = "KIND",
        default_value = "",
        hide_default_value = true
    )]
    resource_kind: String,
    /// Only about the resource of this name or id
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    resource: String,
    /// Only by this principal
    #[arg(
        long,
        value_name = "NAME",
        default_value = "",
        hide_default_value = true
    )]
    actor: String,
    /// Only this action, such as channel.assigned
    #[arg(
        long,
        value_name = "ACTION",
        default_value = "",
        hide_default_value = true
    )]
    action: String,
    /// Not before this moment, in RFC 3339
    #[arg(
        long,
        value_name = "TIME",
        default_value = "",
        hide_default_value = true
    )]
    since: String,
    /// Before this moment, in RFC 3339
    #[arg(
        long,
        value_name = "TIME",
        default_value = "",
        hide_default_value = true
    )]
    until: String,
    /// The oldest first
    #[arg(long, conflicts_with = "follow")]
    oldest_first: bool,
    /// So many at most; with --follow, of what happened before [default: 50, with --follow none]
    #[arg(long, short = 'n', value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    limit: Option<u32>,
    /// Go on with what happens from now on, a line for each, until interrupted
    #[arg(long, short, conflicts_with = "until")]
    follow: bool,
}

/// Lists what happened, or follows what happens.
pub(crate) async fn run(session: &Session, arguments: Events, flags: &Flags) -> Result<Report> {
    let limit = arguments.limit;
    let limit = limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let filter = EventFilter {
        project: session.project().to_owned(),
        bucket: arguments.bucket,
        resource_kind: arguments.resource_kind,
        resource: arguments.resource,
        actor: arguments.actor,
        action: arguments.action,
        since: arguments.since,
        until: arguments.until,
        after: None,
        order: if arguments.oldest_first { "oldest" } else { "" }.to_owned(),
    };
    if arguments.follow {
        follow::run(session, filter, (limit, flags)).await?;
        return Report::document(&Vec::<Event>::new(), String::new());
    }
    let events = list(session, &filter, limit.unwrap_or(LIMIT)).await?;
    let mut table = Table::new(["at", "action", "kind", "resource", "by"]);
    for event in &events {
        table.row(cells(event));
    }
    Report::new(
        &events,
        table.text("Nothing happened, or nothing that is like that: touchmark events"),
    )
}

/// The first events of those that are wanted.
async fn list(session: &Session, filter: &EventFilter, limit: usize) -> Result<Vec<Event>> {
    let client = session.client()?;
    let mut events: Vec<Event> = Vec::new();
    let mut part = Part::default();
    while events.len() < limit {
        part.size = u32::try_from(PAGE.min(limit - events.len())).ok();
        let answer = client.own().events(filter, &part).await;
        let answer = answer.missing(&filter.bucket)?;
        events.extend(answer.events);
        if answer.next_page_token.is_empty() {
            break;
        }
        part.token = answer.next_page_token;
    }
    Ok(events)
}

fn cells(event: &Event) -> [String; 5] {
    [
        words::time(event.at),
        event.action.clone(),
        event.resource.kind.clone(),
        event.resource.name.clone(),
        by(&event.actor),
    ]
}

fn by(actor: &Actor) -> String {
    words::or_dash(if actor.name.is_empty() {
        &actor.kind
    } else {
        &actor.name
    })
}
