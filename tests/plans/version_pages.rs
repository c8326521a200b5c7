//! Reads every kind of page, each list forth and back.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use touchmark_registry::domain::role::Role;
use touchmark_tests::{TestServer, Visitor};

/// Pages below a project.
const PAGES: &[&str] = &[
    "buckets/base/versions",
    "buckets/base/versions?state=complete",
    "buckets/base/versions?state=incomplete",
    "buckets/base/versions/f0",
    "buckets/child/versions/f1",
    "buckets/base/versions/f0/builds",
    "buckets/base/versions/f0/labels",
    "buckets/base/versions/f0/origin",
    "buckets/base/versions/f0/packages",
    "buckets/base/versions/open",
    "buckets/base/versions/open/packages",
    "buckets/base/versions/open/packages?q=Lib",
    "buckets/base/compare",
    "buckets/base/compare?from=v1&to=open",
];

/// What a list is ordered by, and whether the greatest comes first.
type Order = (&'static str, bool);

/// Lists of which there is more than one page only when they are long: their address, what they are ordered by,
/// and the place of a row.
const LISTS: &[(&str, Order, (&str, &str))] = &[
    ("buckets/base/versions?", ("created_at", true), ("3", "")),
    (
        "buckets/base/versions?state=complete&",
        ("number", true),
        ("2", ""),
    ),
    (
        "buckets/base/versions?state=incomplete&",
        ("sequence", true),
        ("9", ""),
    ),
    (
        "buckets/base/versions/open/packages?",
        ("name", false),
        ("one", r#"["2",""]"#),
    ),
];

/// Somebody who reads pages.
pub(crate) async fn visitor(server: &TestServer) -> Visitor {
    Visitor::of(server, "reader", Role::Contributor).await
}

pub(crate) async fn walk(server: &TestServer, visitor: &Visitor) {
    let mut pages: Vec<String> = PAGES.iter().map(|page| (*page).to_owned()).collect();
    for (page, sort, place) in LISTS {
        for (name, backward) in [("after", false), ("before", true)] {
            pages.push(format!("{page}{name}={}", token(*sort, *place, backward)));
        }
    }
    for page in pages {
        let path = format!("/p/{}/{page}", server.project.name);
        let (status, text) = visitor.page(&path).await;
        assert_eq!(status, 200, "{path}: {text}");
    }
}

/// The token of a place in a list.
fn token((field, descending): (&str, bool), (key, id): (&str, &str), backward: bool) -> String {
    let token = json!({"field": field, "descending": descending, "backward": backward,
        "cursor": {"key": key, "id": id}});
    URL_SAFE_NO_PAD.encode(token.to_string())
}
