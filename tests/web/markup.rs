//! What is true of the markup of every page.

use std::collections::BTreeSet;

use scraper::Html;
use touchmark_tests::{TestServer, pages::Filled};

use crate::{
    crawl::crawl,
    kit::{Answer, Browser, select},
};

/// Bytes of a page at most.
const LARGEST: usize = 60 * 1_024;

async fn all_pages(server: &TestServer) -> Vec<Answer> {
    let filled = Filled::make(server).await;
    let mut answers = crawl(&Browser::admin(server).await, &filled).await;
    answers.extend(crawl(&Browser::new(server), &filled).await);
    answers.retain(Answer::is_page);
    assert!(answers.len() > 10);
    answers
}

/// What a page runs or loads that is not a file of ours.
fn inline(html: &Html) -> Vec<String> {
    let mut found = Vec::new();
    for element in select(html, "*") {
        let (name, attributes) = (element.value().name(), element.value().attrs());
        for (key, value) in attributes {
            let runs = key.starts_with("on")
                || key.starts_with("hx-on")
                || key == "style"
                || key == "srcdoc";
            let value = value.trim_start().to_ascii_lowercase();
            let leads_into_script =
                value.starts_with("javascript:") || value.starts_with("data:text");
            if runs || leads_into_script {
                found.push(format!("<{name} {key}>"));
            }
        }
        let file = element
            .attr("src")
            .is_some_and(|src| src.starts_with("/static/"));
        if name == "style"
            || (name == "script" && !file)
            || matches!(name, "iframe" | "object" | "embed" | "base")
        {
            found.push(format!("<{name}>"));
        }
    }
    found
}

/// What makes a page hard to find one's way on.
fn disorder(html: &Html) -> Vec<String> {
    let mut found = Vec::new();
    let count = |selector: &str| select(html, selector).len();
    for (selector, expected) in [
        ("h1", 1),
        ("main", 1),
        ("head > title", 1),
        ("html[lang]", 1),
    ] {
        if count(selector) != expected {
            found.push(format!("{} of {selector}", count(selector)));
        }
    }
    let mut ids = BTreeSet::new();
    for element in select(html, "[id]") {
        let id = element.attr("id").unwrap_or_default();
        if !ids.insert(id) {
            found.push(format!("two of #{id}"));
        }
    }
    let mut level = 0;
    for heading in select(html, "h1, h2, h3, h4") {
        let level_of = |name: &str| name.strip_prefix('h')?.parse().ok();
        let next: u8 = level_of(heading.value().name()).unwrap_or_default();
        if next > level + 1 {
            found.push(format!("h{next} under h{level}"));
        }
        level = next;
    }
    found
}

#[tokio::test]
async fn pages_hold_no_script_no_style_and_are_in_order() {
    let server = TestServer::start().await;
    let mut wrong = Vec::new();
    for page in all_pages(&server).await {
        let html = page.html();
        for what in inline(&html).into_iter().chain(disorder(&html)) {
            wrong.push(format!("{}: {what}", page.address));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn pages_are_small() {
    let server = TestServer::start().await;
    for page in all_pages(&server).await {
        assert!(
            page.body.len() < LARGEST,
            "{}: {} bytes",
            page.address,
            page.body.len()
        );
    }
}

#[test]
fn what_runs_would_be_found() {
    let html = Html::parse_document(
        "<p onclick=x style=y><a href=' JavaScript:z'>a</a><script>w</script><style>v</style>\
         <script src='//example.com/x.js'></script>",
    );
    assert_eq!(inline(&html).len(), 6, "{:?}", inline(&html));
}
