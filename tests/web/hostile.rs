//! What is stored is text: whatever it holds, pages have the same elements and attributes as with harmless words.

mod stories;
mod strings;

use std::collections::BTreeMap;

use touchmark_tests::{
    TestServer,
    pages::{Filled, VIEWS},
};

use crate::kit::{Answer, Browser, select};
use stories::tell;
use strings::HOSTILE;

/// How often each element with each set of attributes stands on a page.
fn shape(page: &Answer) -> BTreeMap<String, usize> {
    let mut shape = BTreeMap::new();
    let html = page.html();
    for element in select(&html, "*") {
        let mut names: Vec<&str> = element.value().attrs().map(|(name, _)| name).collect();
        names.sort_unstable();
        let text = format!("<{} {}>", element.value().name(), names.join(" "));
        *shape.entry(text).or_default() += 1;
    }
    shape
}

/// The pages of one bucket, and what they show beside it, by view.
async fn pages(browser: &Browser, filled: &Filled) -> Vec<(&'static str, Answer)> {
    let mut pages = Vec::new();
    for view in VIEWS.iter().filter(|view| view.signed_in) {
        pages.push((view.name, browser.get(&filled.fill(view.address)).await));
    }
    pages
}

#[tokio::test]
async fn what_is_stored_is_shown_as_text() {
    let (bad, good) = (TestServer::start().await, TestServer::start().await);
    let (bad_filled, good_filled) = (Filled::make(&bad).await, Filled::make(&good).await);
    let (bad_admin, good_admin) = (Browser::admin(&bad).await, Browser::admin(&good).await);
    let mut accepted = 0;
    let mut shown = 0;
    for (number, text) in HOSTILE.iter().enumerate() {
        let told = tell(&bad, number, Some(text)).await;
        tell(&good, number, None).await;
        accepted += told.accepted;
        let names = |name: &str| {
            [
                ("bucket", format!("story-{number}")),
                ("fingerprint", format!("story-{number}")),
                ("channel", name.to_owned()),
            ]
        };
        let bad_pages = pages(&bad_admin, &bad_filled.with(names("production"))).await;
        let good_pages = pages(&good_admin, &good_filled.with(names("production"))).await;
        for ((view, bad_page), (_, good_page)) in bad_pages.iter().zip(&good_pages) {
            assert_eq!(bad_page.status, good_page.status, "{view} with {text:?}");
            assert_eq!(shape(bad_page), shape(good_page), "{view} with {text:?}");
        }
        let (_, overview) = bad_pages
            .iter()
            .find(|(view, _)| *view == "bucket")
            .expect("a page");
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        shown += usize::from(overview.text().contains(&words(text)));
    }
    assert_eq!(HOSTILE.len(), 50);
    // Some are refused as names, and control characters are no words.
    assert!(accepted >= 50 * 10, "only {accepted} texts were taken");
    assert!(shown >= 45, "only {shown} texts are shown");
}

#[tokio::test]
async fn what_is_asked_for_is_shown_as_text() {
    let server = TestServer::start().await;
    let filled = Filled::make(&server).await;
    let (admin, stranger) = (Browser::admin(&server).await, Browser::new(&server));
    let encoded =
        |text: &str| crate::kit::encoded(&[("q".to_owned(), text.to_owned())]).split_off(2);
    for text in HOSTILE {
        for pattern in ["/sign-in?next=/{}", "/{}", "/invitations/{}"] {
            let ask = |text: &str| pattern.replace("{}", &encoded(text).replace('+', "%20"));
            let (bad, good) = (
                stranger.get(&ask(text)).await,
                stranger.get(&ask("harmless")).await,
            );
            assert_eq!(shape(&bad), shape(&good), "{pattern} with {text:?}");
        }
        let missing = filled.fill("/p/{project}/buckets/");
        let (bad, good) = (
            admin
                .get(&format!("{missing}{}", encoded(text).replace('+', "%20")))
                .await,
            admin.get(&format!("{missing}harmless")).await,
        );
        assert_eq!(shape(&bad), shape(&good), "a bucket called {text:?}");
        let form = stranger.get("/sign-in").await.form("/sign-in");
        let name = form.with(&[("name", text), ("password", "wrong")]);
        let shown = stranger.send(&name).await;
        assert!([400, 422].contains(&shown.status), "{}", shown.status);
        if shown.status == 422 {
            let html = shown.html();
            let field = select(&html, "input[name=name]");
            // Whoever reads a page takes any end of a line for the same.
            let expected = text.trim().replace("\r\n", "\n");
            assert_eq!(field[0].attr("value"), Some(expected.as_str()));
        }
    }
}
