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

/// The views of one bucket, or those of everything else.
async fn pages(browser: &Browser, filled: &Filled, of_bucket: bool) -> Vec<(&'static str, Answer)> {
    let mut pages = Vec::new();
    let views = VIEWS.iter().filter(|view| view.signed_in);
    for view in views.filter(|view| view.address.contains("{bucket}") == of_bucket) {
        pages.push((view.name, browser.get(&filled.fill(view.address)).await));
    }
    pages
}

/// What patterns are filled in with for the bucket of one text.
fn story(filled: &Filled, number: usize) -> Filled {
    let name = || format!("story-{number}");
    filled.with([("bucket", name()), ("fingerprint", name())])
}

fn compare(text: &str, bad: &[(&'static str, Answer)], good: &[(&'static str, Answer)]) {
    for ((view, bad), (_, good)) in bad.iter().zip(good) {
        assert_eq!(bad.status, good.status, "{view} with {text:?}");
        assert_eq!(shape(bad), shape(good), "{view} with {text:?}");
    }
}

#[tokio::test]
async fn what_is_stored_is_shown_as_text() {
    let (bad, good) = (TestServer::start().await, TestServer::start().await);
    let (bad_filled, good_filled) = (Filled::make(&bad).await, Filled::make(&good).await);
    let (bad_admin, good_admin) = (Browser::admin(&bad).await, Browser::admin(&good).await);
    let (bad_author, good_author) = (bad.admin(), good.admin());
    let (mut accepted, mut shown) = (0, 0);
    for (number, text) in HOSTILE.iter().enumerate() {
        let (told, _) = tokio::join!(
            tell(&bad_author, number, text, true),
            tell(&good_author, number, text, false)
        );
        accepted += told.accepted;
        let (of_bad, of_good) = (story(&bad_filled, number), story(&good_filled, number));
        let (bad_pages, good_pages) = tokio::join!(
            pages(&bad_admin, &of_bad, true),
            pages(&good_admin, &of_good, true)
        );
        compare(text, &bad_pages, &good_pages);
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut texts = bad_pages.iter().map(|(_, page)| page.text());
        shown += usize::from(texts.any(|page| page.contains(&words(text))));
    }
    let bad_pages = pages(&bad_admin, &bad_filled, false).await;
    let good_pages = pages(&good_admin, &good_filled, false).await;
    compare("all of them", &bad_pages, &good_pages);
    // What names a person, a channel or a document is held to a rule.
    assert!(
        accepted >= HOSTILE.len() * 8,
        "only {accepted} texts were taken"
    );
    assert_eq!(shown, HOSTILE.len(), "some texts are not shown");
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
