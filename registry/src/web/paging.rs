//! Links to the pages of a list before and after the one that is shown.

use actix_web::HttpRequest;

use super::{form::Query, href};
use crate::{
    error::Result,
    store::{PageRequest, page::Listing, page::Wanted},
};

/// The parameter that goes on after a token.
const AFTER: &str = "after";
/// The parameter that goes back before a token.
const BEFORE: &str = "before";

/// Addresses of the pages beside the one that is shown.
pub(super) struct Pages {
    /// The one before.
    pub(super) previous: Option<String>,
    /// The one after.
    pub(super) next: Option<String>,
}

impl Pages {
    /// Beside the page of this request, by tokens that are empty where there is none.
    pub(super) fn new(request: &HttpRequest, (next, previous): (&str, &str)) -> Self {
        let link =
            |name: &str, token: &str| (!token.is_empty()).then(|| turned(request, name, token));
        Self {
            previous: link(BEFORE, previous),
            next: link(AFTER, next),
        }
    }
}

/// The address of a request with another place in the list.
fn turned(request: &HttpRequest, name: &str, token: &str) -> String {
    let kept = url::form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(key, _)| key != AFTER && key != BEFORE)
        .map(|(key, value)| format!("{}={}", href::encoded(&key), href::encoded(&value)));
    let turn = std::iter::once(format!("{name}={}", href::encoded(token)));
    let query: Vec<String> = kept.chain(turn).collect();
    format!("{}?{}", request.path(), query.join("&"))
}

impl Query {
    /// The page of a list that is asked for.
    pub(super) fn page(&self, listing: &Listing) -> Result<PageRequest> {
        let wanted = Wanted {
            next: self.text(AFTER).to_owned(),
            previous: self.text(BEFORE).to_owned(),
            ..Wanted::default()
        };
        PageRequest::parse(&wanted, listing)
    }
}
