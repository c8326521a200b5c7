//! `/p/{project}`: which buckets need somebody, why, and what mends it.

use actix_web::{
    HttpResponse,
    http::header::{CACHE_CONTROL, HeaderValue},
    web::Data,
};
use askama::Template;

use super::{
    form::Query,
    frame::{Frame, Page, Section},
    href,
    paging::Pages,
    show::When,
    visitor::Here,
};
use crate::{
    api::own::board::{Filter, LISTING, answer, cut},
    cache::{
        Form,
        board::{self as kept, Board, Counts, Row},
    },
    domain::{
        board::{Page as Destination, Reason, State as Health},
        time::Time,
    },
    error::{Error, Result},
    state::State,
};

/// Reasons of a bucket that are shown at once.
const FEW: usize = 3;

#[derive(Template)]
#[template(path = "board.html")]
struct BoardPage {
    frame: Frame,
    total: usize,
    counts: Counts,
    choices: Vec<Choice>,
    query: String,
    /// The state that is looked at, as it stands in the address.
    state: String,
    buckets: Vec<Bucket>,
    pages: Pages,
    /// Addresses of the same as a table and as JSON.
    csv: String,
    json: String,
    /// Where all buckets are listed.
    all: String,
    first_command: String,
}

impl Page for BoardPage {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// What can be looked at.
struct Choice {
    name: &'static str,
    class: &'static str,
    count: usize,
    href: String,
    current: bool,
}

struct Bucket {
    name: String,
    href: String,
    class: &'static str,
    word: &'static str,
    first: Vec<Why>,
    rest: Vec<Why>,
}

struct Why {
    text: String,
    since: Option<When>,
    due: Option<When>,
    link: String,
    href: String,
    command: String,
    /// Other channels that the same is true of.
    others: Vec<Other>,
}

struct Other {
    name: String,
    href: String,
}

pub(super) async fn show(state: Data<State>, here: Here, query: Query) -> Result<HttpResponse> {
    let mut filter = Filter::parse(|name| query.text(name))?;
    let page = query.page(&LISTING)?;
    let board = kept::board(&state, &here.access, here.source(&state)).await?;
    let form = match query.text("format") {
        "" => None,
        "csv" => Some(Form::Csv),
        "json" => Some(Form::ChosenJson),
        _ => return Err(Error::invalid("format", "must be csv or json")),
    };
    // What is calm does not need anybody: it is looked at by itself.
    if filter.states.is_empty() {
        filter.states = [Health::Act, Health::Behind, Health::Unknown].into();
    }
    if let Some(form) = form {
        let mut answer = answer(&here.signed.request, form, (&board, &filter, &page))?;
        let headers = answer.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        return Ok(answer);
    }
    let rows = cut(&board, &filter, &page)?;
    let (now, project) = (state.clock.now(), here.access.project.name.as_str());
    let (asked, chosen) = (query.text("q"), query.text("state"));
    let shown = rows.rows.iter().map(|(_, row)| bucket(row, project, now));
    let page = BoardPage {
        frame: Frame::of(&here, Section::Board, "Board"),
        total: board.rows.len(),
        counts: board.counts,
        choices: choices(&board, project, (chosen, asked)),
        query: asked.to_owned(),
        state: chosen.to_owned(),
        buckets: shown.collect(),
        pages: Pages::new(&here.signed.request, (&rows.next, &rows.previous)),
        csv: address(project, chosen, asked, "csv"),
        json: address(project, chosen, asked, "json"),
        all: href::buckets(project),
        first_command: format!(
            "export TOUCHMARK_URL={}\ntouchmark auth login\ntouchmark build --bucket my-image .",
            state.public_url
        ),
    };
    page.show()
}

/// The board with these filters, empty for none.
fn address(project: &str, state: &str, name: &str, format: &str) -> String {
    let parts = [("state", state), ("q", name), ("format", format)];
    let parts = parts.iter().filter(|(_, value)| !value.is_empty());
    let parts: Vec<String> = parts
        .map(|(key, value)| format!("{key}={}", href::encoded(value)))
        .collect();
    let path = href::project(project);
    if parts.is_empty() {
        path
    } else {
        format!("{path}?{}", parts.join("&"))
    }
}

fn choices(board: &Board, project: &str, (chosen, name): (&str, &str)) -> Vec<Choice> {
    let Counts {
        act,
        behind,
        unknown,
        calm,
    } = board.counts;
    let of = |(text, class, state, count): (&'static str, &'static str, &str, usize)| Choice {
        name: text,
        class,
        count,
        href: address(project, state, name, ""),
        current: state == chosen,
    };
    [
        ("need somebody", "", "", act + behind + unknown),
        ("act now", "act", "act", act),
        ("behind", "behind", "behind", behind),
        ("unknown", "unknown", "unknown", unknown),
        ("calm", "calm", "calm", calm),
    ]
    .map(of)
    .into()
}

fn bucket(row: &Row, project: &str, now: Time) -> Bucket {
    let reasons = row.reasons.iter();
    let mut groups: Vec<Vec<&Reason>> = Vec::new();
    for reason in reasons {
        match groups.iter_mut().find(|group| alike(group, reason)) {
            Some(group) => group.push(reason),
            None => groups.push(vec![reason]),
        }
    }
    let groups = groups.iter();
    let mut reasons = groups.filter_map(|group| why(group, (project, &row.bucket), now));
    Bucket {
        name: row.bucket.to_string(),
        href: href::bucket(project, &row.bucket),
        class: row.state.as_str(),
        word: match row.state {
            Health::Act => "act now",
            Health::Behind => "behind",
            Health::Unknown => "unknown",
            Health::Calm => "calm",
        },
        first: reasons.by_ref().take(FEW).collect(),
        rest: reasons.collect(),
    }
}

/// Whether these reasons say the same of other channels.
fn alike(group: &[&Reason], reason: &Reason) -> bool {
    let Some(first) = group.first() else {
        return false;
    };
    let of = |reason: &Reason| Reason {
        channel: None,
        restricted: false,
        since: None,
        ..reason.clone()
    };
    first.channel.is_some() && reason.channel.is_some() && of(first) == of(reason)
}

/// What the reasons of a group say together.
fn why(group: &[&Reason], (project, bucket): (&str, &str), now: Time) -> Option<Why> {
    let (reason, others) = group.split_first()?;
    let others = others.iter().filter_map(|other| other.channel.as_ref());
    let others = others.map(|channel| Other {
        name: channel.clone(),
        href: href::channel(project, bucket, channel),
    });
    let (link, href) = match reason.page(bucket) {
        Destination::Bucket { bucket } => ("Bucket".to_owned(), href::bucket(project, &bucket)),
        Destination::Channel { bucket, channel } => (
            format!("Channel {channel}"),
            href::channel(project, &bucket, &channel),
        ),
        Destination::Version {
            bucket,
            fingerprint,
        } => (
            "Version".to_owned(),
            href::version(project, &bucket, &fingerprint),
        ),
        Destination::Compare { bucket, from, to } => (
            "Compare".to_owned(),
            href::compare(project, &bucket, (&from, &to)),
        ),
    };
    Some(Why {
        text: reason.text(),
        since: reason.since.map(|at| When::new(at, now)),
        due: reason.due.map(|at| When::new(at, now)),
        link,
        href,
        command: reason.command(bucket),
        others: others.collect(),
    })
}
