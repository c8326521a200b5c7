//! `/p/{project}/activity` and `…/buckets/{bucket}/activity`: what happened, as far as one may know; the same
//! as a file.

mod export;
mod filter;
mod known;
mod sentence;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Path},
};
use askama::Template;

use self::{
    filter::{Asked, Field},
    known::Known,
    sentence::{ACTIONS, Part},
};
use super::{
    bucket::{BucketPath, Head, Tab, visible},
    form::Query,
    frame::{Frame, Page, Section},
    paging::Pages,
    show::{Id, When},
    visitor::Here,
};
use crate::{
    domain::{role::Action, time::Time},
    error::{Error, Result},
    ops::{Access, sight},
    state::State,
    store::{
        Conn, Page as Rows, PageRequest,
        buckets::Bucket,
        events::{self as log, Entry, Filter},
        page::Listing,
    },
};

/// Lists of what happened on a page; each brings its payload.
const LISTING: Listing = Listing {
    size: 20,
    ..log::LISTING
};
/// Characters of a payload that are shown.
const PAYLOAD: usize = 2_000;

#[derive(Template)]
#[template(path = "activity.html")]
struct Activity {
    frame: Frame,
    /// When it is about one bucket.
    head: Option<Head>,
    list: List,
}

impl Page for Activity {
    fn frame(&self) -> &Frame {
        &self.frame
    }
}

/// The filters and what is left by them.
struct List {
    /// Where the filters lead.
    path: String,
    fields: Vec<Field>,
    /// Actions to choose from.
    actions: Vec<&'static str>,
    problem: Option<Problem>,
    filtered: bool,
    rows: Vec<Row>,
    pages: Pages,
    csv: String,
    json: String,
}

/// What is wrong with a filter.
struct Problem {
    field: &'static str,
    text: String,
}

/// Something that happened.
struct Row {
    at: When,
    actor: String,
    sentence: Vec<Part>,
    action: String,
    payload: String,
    /// Whether the payload is longer than what is shown.
    shortened: bool,
    digest: Id,
}

pub(super) async fn project(
    state: Data<State>,
    request: HttpRequest,
    here: Here,
    query: Query,
) -> Result<HttpResponse> {
    answer(&state, &request, here, (query, None)).await
}

pub(super) async fn bucket(
    state: Data<State>,
    request: HttpRequest,
    here: Here,
    (path, query): (Path<BucketPath>, Query),
) -> Result<HttpResponse> {
    let name = path.into_inner().bucket;
    answer(&state, &request, here, (query, Some(name))).await
}

async fn answer(
    state: &State,
    request: &HttpRequest,
    here: Here,
    (query, bucket): (Query, Option<String>),
) -> Result<HttpResponse> {
    let mut asked = Asked::of(&query);
    asked.bucket_given = bucket.is_some();
    if let Some(bucket) = &bucket {
        asked.bucket.clone_from(bucket);
    } else {
        // Whoever may read nothing gets no empty page.
        sight::of(&here.access)?;
    }
    let filter = match asked.filter() {
        Ok(filter) => filter,
        Err(Error::Invalid { field, problem }) => {
            let problem = Problem {
                field: filter::named(&field),
                text: problem.into_owned(),
            };
            return refuse(state, request, &here, (asked, problem)).await;
        }
        Err(other) => return Err(other),
    };
    let format = query.text("format").to_owned();
    if !format.is_empty() {
        return export::answer(state, request, &here, (asked, filter, &query, &format)).await;
    }
    let wanted = query.page(&LISTING)?;
    check_token(&wanted)?;
    let (access, named) = (here.access.clone(), asked.clone());
    let read = state
        .store
        .read(move |conn| look(conn, &access, (&named, &filter), &wanted));
    match read.await {
        Ok(found) => show(state, request, &here, (asked, found)),
        Err(Error::Missing(kind, name)) if !asked.bucket_given && !asked.bucket.is_empty() => {
            let problem = Problem {
                field: "bucket",
                text: Error::Missing(kind, name).to_string(),
            };
            refuse(state, request, &here, (asked, problem)).await
        }
        Err(other) => Err(other),
    }
}

/// A token of another list has no place in this one.
fn check_token(wanted: &PageRequest) -> Result<()> {
    let Some(cursor) = wanted.cursor() else {
        return Ok(());
    };
    let place = cursor.as_number().map(drop);
    place.map_err(|_| Error::invalid("after", "is not a token of this list"))
}

/// What is read for a page.
struct Read {
    /// The bucket that the page is about.
    bucket: Option<Bucket>,
    page: Rows<Entry>,
    known: Known,
}

/// The events that are wanted; the bucket of the path must be one that the caller may see.
fn events(
    conn: &mut Conn,
    access: &Access,
    (asked, filter): (&Asked, &Filter),
    wanted: &PageRequest,
) -> Result<(Option<Bucket>, Rows<Entry>)> {
    let mut filter = filter.clone();
    let bucket = if asked.bucket_given {
        Some(visible(conn, access, &asked.bucket)?)
    } else {
        None
    };
    filter.bucket_id = match &bucket {
        Some(bucket) => bucket.id.clone(),
        None => sight::bucket_id(conn, access, &asked.bucket)?,
    };
    asked.resolve_version(conn, &mut filter)?;
    let page = log::list(conn, (&sight::of(access)?, &filter), wanted)?;
    Ok((bucket, page))
}

fn look(
    conn: &mut Conn,
    access: &Access,
    asked: (&Asked, &Filter),
    wanted: &PageRequest,
) -> Result<Read> {
    let (bucket, page) = events(conn, access, asked, wanted)?;
    let known = Known::of(conn, &access.project.id, &page.rows)?;
    Ok(Read {
        bucket,
        page,
        known,
    })
}

fn show(
    state: &State,
    request: &HttpRequest,
    here: &Here,
    (asked, found): (Asked, Read),
) -> Result<HttpResponse> {
    let (now, project) = (state.clock.now(), here.access.project.name.as_str());
    let Read {
        bucket,
        page,
        known,
    } = found;
    let rows = page.rows.into_iter();
    let rows = rows.map(|entry| row(entry, &known, (project, now)));
    let list = List {
        rows: rows.collect(),
        pages: Pages::new(request, (&page.next, &page.previous)),
        ..List::of(request, here, (&asked, None))
    };
    framed(here, bucket.as_ref(), list).show()
}

async fn refuse(
    state: &State,
    request: &HttpRequest,
    here: &Here,
    (asked, problem): (Asked, Problem),
) -> Result<HttpResponse> {
    let (access, named) = (here.access.clone(), asked.clone());
    let read = state.store.read(move |conn| {
        let bucket = named.bucket_given;
        bucket
            .then(|| visible(conn, &access, &named.bucket))
            .transpose()
    });
    let bucket = read.await?;
    let list = List::of(request, here, (&asked, Some(problem)));
    framed(here, bucket.as_ref(), list).show_as(StatusCode::UNPROCESSABLE_ENTITY)
}

fn framed(here: &Here, bucket: Option<&Bucket>, list: List) -> Activity {
    let project = &here.access.project.name;
    let (section, title) = match bucket {
        Some(bucket) => (Section::Buckets, format!("Activity of {}", bucket.name)),
        None => (Section::Activity, "Activity".to_owned()),
    };
    Activity {
        frame: Frame::of(here, section, title),
        head: bucket.map(|bucket| Head::new(project, bucket, Tab::Activity)),
        list,
    }
}

impl List {
    /// Without any row.
    fn of(request: &HttpRequest, here: &Here, (asked, problem): (&Asked, Option<Problem>)) -> Self {
        let administers = here.access.check(Action::Administer, None).is_ok();
        let actions = ACTIONS.iter().filter(|action| administers || action.open());
        let file = |format| asked.address(request.path(), format);
        Self {
            path: request.path().to_owned(),
            fields: asked.fields(),
            actions: actions.map(|action| action.name).collect(),
            problem,
            filtered: asked.any(),
            rows: Vec::new(),
            pages: Pages::new(request, ("", "")),
            csv: file("csv"),
            json: file("json"),
        }
    }
}

fn row(entry: Entry, known: &Known, (project, now): (&str, Time)) -> Row {
    let sentence = sentence::of(&entry, known, project);
    let mut payload = entry.payload;
    let end = payload.floor_char_boundary(PAYLOAD);
    let shortened = end < payload.len();
    payload.truncate(end);
    Row {
        at: When::new(entry.at, now),
        actor: entry.actor_name,
        sentence,
        action: entry.action,
        payload,
        shortened,
        digest: Id::new(entry.digest),
    }
}
