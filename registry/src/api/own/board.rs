//! `board`: which buckets need somebody, why, and what mends it; as JSON or as a table.

mod show;
mod table;

use std::collections::BTreeSet;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::AUTHORIZATION,
    web::{Bytes, Data},
};

use super::{
    place::InProject,
    query::{Parameters, Sent},
};
use crate::{
    api::answer::{accepts, etag, tagged},
    cache::{
        Form, Where,
        board::{self, Board, Row, Source},
    },
    domain::{
        board::{Kind, State as Health},
        limit,
    },
    error::{Error, Result},
    state::State,
    store::page::{Cursor, Listing, Page, PageRequest, Sort},
};

const PARAMETERS: [&str; 7] = [
    "project",
    "state",
    "reason",
    "q",
    "format",
    "page_size",
    "page_token",
];

/// Pages of the board: by place, since the order is made of what changes.
pub(crate) const LISTING: Listing = Listing {
    sortable: &["place"],
    default: Sort {
        field: "place",
        descending: false,
    },
    size: limit::PAGE,
};

/// Which buckets are wanted; empty for all.
pub(crate) struct Filter {
    /// How they are.
    pub(crate) states: BTreeSet<Health>,
    kinds: BTreeSet<Kind>,
    /// A part of the name, in lower case.
    name: String,
}

impl Filter {
    /// From the parameters `state`, `reason` and `q`, as `value` gives them.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a state or a kind that there is not.
    pub(crate) fn parse<'a>(value: impl Fn(&'static str) -> &'a str) -> Result<Self> {
        let (states, kinds) = (Health::ALL.map(Health::as_str), Kind::ALL.map(Kind::as_str));
        let of = |name| (name, value(name));
        Ok(Self {
            states: some_of(of("state"), (&states, Health::parse))?,
            kinds: some_of(of("reason"), (&kinds, Kind::parse))?,
            name: value("q").to_lowercase(),
        })
    }

    /// Whether this one is wanted.
    pub(crate) fn wants(&self, row: &Row) -> bool {
        (self.states.is_empty() || self.states.contains(&row.state))
            && (self.kinds.is_empty()
                || row
                    .reasons
                    .iter()
                    .any(|reason| self.kinds.contains(&reason.kind)))
            && (self.name.is_empty() || row.bucket.to_lowercase().contains(&self.name))
    }
}

/// Finds the value of a name.
type Parse<T> = fn(&str) -> Option<T>;

/// The values of a parameter that lists some of those that there are.
fn some_of<T: Ord>(
    (name, value): (&'static str, &str),
    (known, parse): (&[&str], Parse<T>),
) -> Result<BTreeSet<T>> {
    let parts = value.split(',').filter(|part| !part.is_empty());
    let values = parts.map(|part| {
        parse(part).ok_or_else(|| {
            let problem = format!("must be some of {}, with commas", known.join(", "));
            Error::invalid(format!("query.{name}"), problem)
        })
    });
    values.collect()
}

/// In which form the answer is wanted.
fn form(request: &HttpRequest, query: &Parameters) -> Result<Form> {
    match query.get("format") {
        "csv" => Ok(Form::Csv),
        "" if accepts(request.headers(), "text/csv") => Ok(Form::Csv),
        "" | "json" => Ok(Form::ChosenJson),
        _ => Err(Error::invalid("query.format", "must be json or csv")),
    }
}

pub(super) async fn list(
    state: Data<State>,
    InProject(access): InProject,
    request: HttpRequest,
    query: Sent,
) -> Result<HttpResponse> {
    let source = source(&state, &request, &query);
    let query = query.only(&PARAMETERS)?;
    let (filter, form) = (
        Filter::parse(|name| query.get(name))?,
        form(&request, &query)?,
    );
    if form == Form::Csv {
        for name in ["page_size", "page_token"] {
            if !query.get(name).is_empty() {
                let problem = "goes with JSON only: a table is whole";
                return Err(Error::invalid(format!("query.{name}"), problem));
            }
        }
    }
    let page = query.page(&LISTING, "place")?;
    let board = board::board(&state, &access, source).await?;
    answer(&request, form, (&board, &filter, &page))
}

/// The board as it is downloaded: as a table, all that is wanted of it, in JSON a page.
pub(crate) fn answer(
    request: &HttpRequest,
    form: Form,
    (board, filter, page): (&Board, &Filter, &PageRequest),
) -> Result<HttpResponse> {
    let body = if form == Form::Csv {
        table::of(board.rows.iter().filter(|row| filter.wants(row)))?
    } else {
        let list = show::page(board, filter, cut(board, filter, page)?);
        serde_json::to_vec(&list).map_err(Error::internal)?
    };
    let body = Bytes::from(body);
    let etag = etag(&body);
    Ok(tagged(request.headers(), (&body, form), &etag).map_into_boxed_body())
}

/// From where the board may come: see [`crate::cache::Cache::trusts`].
fn source(state: &State, request: &HttpRequest, query: &Sent) -> Source {
    let header = request.headers().get(AUTHORIZATION);
    let trusts = header.is_some_and(|header| {
        let who = (header.as_bytes(), Where::Words(query.project()));
        let (changes, now) = (state.store.changes(), state.clock.now());
        state.cache.trusts(changes, who, now)
    });
    if trusts {
        Source::Memory
    } else {
        Source::Database
    }
}

/// The rows of a page.
pub(crate) fn cut(board: &Board, filter: &Filter, page: &PageRequest) -> Result<Page<(i64, Row)>> {
    let problem = "is not a token of this list";
    let bad = |_| Error::invalid("query.page_token", problem);
    let from = match page.cursor() {
        Some(cursor) => cursor.as_number().map_err(bad)?.saturating_add(1),
        None => 0,
    };
    let wanted = board.rows.iter().filter(|row| filter.wants(row));
    let skipped = (0..)
        .zip(wanted)
        .skip(usize::try_from(from).unwrap_or(usize::MAX));
    let rows = skipped.take(usize::try_from(page.fetch()).unwrap_or(usize::MAX));
    let rows = rows.map(|(place, row)| (place, row.clone())).collect();
    Ok(Page::of(rows, page, |(place, _)| Cursor::number(*place)))
}
