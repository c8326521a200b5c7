//! The log as a file: what is filtered, from one place on.

use actix_web::{HttpRequest, HttpResponse, http::header};
use touchmark_wire::{own::EventList, time::Timestamp};

use super::{
    super::{form::Query, href, visitor::Here},
    check_token, events,
    filter::Asked,
    known::Known,
    sentence,
};
use crate::{
    error::{Error, Result},
    shown,
    state::State,
    store::{
        Page as Rows,
        events::{self as log, Entry, Filter},
        page::Listing,
    },
};

/// A file has so many events at most, and says where it goes on.
const LISTING: Listing = Listing {
    size: 1_000,
    ..log::LISTING
};

const HEAD: [&str; 9] = [
    "sequence", "time", "actor", "what", "action", "kind", "resource", "bucket", "digest",
];

/// Answers the file.
pub(super) async fn answer(
    state: &State,
    request: &HttpRequest,
    here: &Here,
    (asked, filter, query, format): (Asked, Filter, &Query, &str),
) -> Result<HttpResponse> {
    let wanted = query.page(&LISTING)?;
    check_token(&wanted)?;
    let (access, named) = (here.access.clone(), asked.clone());
    let read = state.store.read(move |conn| {
        let (_, page) = events(conn, &access, (&named, &filter), &wanted)?;
        let known = Known::of(conn, &access.project.id, &page.rows)?;
        Ok((page, known))
    });
    let (page, known) = read.await?;
    let next = page.next.clone();
    let (kind, body) = match format {
        "csv" => (
            "text/csv; charset=utf-8",
            table(&page, &known, &here.access.project.name)?,
        ),
        "json" => ("application/json", list(page)?),
        _ => return Err(Error::invalid("format", "must be csv or json")),
    };
    let mut response = HttpResponse::Ok();
    let name = format!("attachment; filename=\"activity.{format}\"");
    response
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CONTENT_DISPOSITION, name))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    if !next.is_empty() {
        let more = asked.address(request.path(), format);
        let more = format!("<{more}&after={}>; rel=\"next\"", href::encoded(&next));
        response.insert_header((header::LINK, more));
    }
    Ok(response.body(body))
}

fn list(page: Rows<Entry>) -> Result<Vec<u8>> {
    let list = EventList {
        next_page_token: page.next,
        events: page.rows.into_iter().map(shown::event).collect(),
    };
    serde_json::to_vec(&list).map_err(Error::internal)
}

fn table(page: &Rows<Entry>, known: &Known, project: &str) -> Result<Vec<u8>> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(HEAD).map_err(Error::internal)?;
    for entry in &page.rows {
        let sentence = sentence::of(entry, known, project).into_iter();
        let cells = [
            entry.sequence.to_string(),
            Timestamp::from(entry.at).to_string(),
            entry.actor_name.clone(),
            sentence.map(|part| part.text).collect(),
            entry.action.clone(),
            entry.resource_kind.clone(),
            entry.resource_name.clone(),
            known.bucket(entry).unwrap_or_default().to_owned(),
            entry.digest.clone(),
        ];
        let cells = cells.map(harmless);
        table.write_record(cells).map_err(Error::internal)?;
    }
    let table = table.into_inner();
    table.map_err(|error| Error::internal(error.to_string()))
}

/// A cell that no program takes for a formula.
fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\0']) {
        format!("'{cell}")
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", "\0x"] {
            assert_eq!(harmless(cell.into()), format!("'{cell}"));
        }
        assert_eq!(harmless("v1=2".into()), "v1=2");
    }
}
