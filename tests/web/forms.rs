//! No form is accepted that does not come from a page of ours.

use std::collections::BTreeMap;

use reqwest::Method;
use touchmark_registry::domain::role::Role;
use touchmark_tests::{
    TestServer,
    pages::{Filled, ROUTES},
};

use crate::{
    crawl::crawl,
    kit::{Browser, Form, Headers},
};

/// All forms: those that pages show to an admin and to strangers, and those of the table that none shows.
async fn forms(server: &TestServer, admin: &Browser, filled: &Filled) -> BTreeMap<String, Form> {
    let mut forms = BTreeMap::new();
    let mut pages = crawl(admin, filled).await;
    pages.extend(crawl(&Browser::new(server), filled).await);
    for page in pages.iter().filter(|page| page.is_page()) {
        for form in page.forms() {
            assert!(
                !form.value("form_token").is_empty(),
                "a form without a token on {}: {form:?}",
                page.address
            );
            forms.insert(form.action.clone(), form);
        }
    }
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        let action = filled.fill(route.pattern);
        let fields = route
            .fields
            .iter()
            .map(|(name, value)| ((*name).to_owned(), filled.fill(value)));
        let form = Form {
            action: action.clone(),
            fields: fields.collect(),
        };
        forms.entry(action).or_insert(form);
    }
    forms
}

#[tokio::test]
async fn a_form_is_taken_from_a_page_of_ours_alone() {
    let server = TestServer::start().await;
    let filled = Filled::make(&server).await;
    let admin = Browser::admin(&server).await;
    let stranger = Browser::person(&server, "vera", Role::Viewer).await;
    let all = forms(&server, &admin, &filled).await;
    let (token, foreign) = (
        admin.get("/account").await.token(),
        stranger.get("/account").await.token(),
    );
    assert_ne!(token, foreign);
    let before = server.rows();
    let mut accepted = Vec::new();
    for (action, form) in &all {
        let good = form.clone().with(&[("form_token", &token)]);
        let mut bare = form.clone();
        bare.fields.retain(|(name, _)| name != "form_token");
        let cases: [(&str, Form, Headers<'_>); 8] = [
            ("no token", bare, &[]),
            (
                "an empty token",
                form.clone().with(&[("form_token", "")]),
                &[],
            ),
            (
                "a token of somebody else",
                form.clone().with(&[("form_token", &foreign)]),
                &[],
            ),
            (
                "another site",
                good.clone(),
                &[("sec-fetch-site", "cross-site")],
            ),
            (
                "a neighbour",
                good.clone(),
                &[("sec-fetch-site", "same-site")],
            ),
            (
                "an origin",
                good.clone(),
                &[("origin", "https://example.com")],
            ),
            ("no origin", good.clone(), &[("origin", "null")]),
            ("another port", good, &[("origin", "http://localhost:1")]),
        ];
        for (what, form, headers) in cases {
            let answer = admin
                .ask(Method::POST, action, (&form.fields, headers))
                .await;
            if answer.status != 403 {
                accepted.push(format!("{action}, {what}: {}", answer.status));
            }
        }
    }
    assert!(accepted.is_empty(), "{}", accepted.join("\n"));
    assert_eq!(before, server.rows(), "a refused form changed something");
}

#[tokio::test]
async fn a_form_is_taken_from_where_the_browser_says_that_it_is_ours() {
    let server = TestServer::start().await;
    let browser = Browser::person(&server, "vera", Role::Viewer).await;
    let form = browser.get("/account").await.form("/theme");
    for headers in [
        ("sec-fetch-site", "same-origin"),
        ("origin", server.url.as_str()),
    ] {
        let answer = browser
            .ask(Method::POST, &form.action, (&form.fields, &[headers]))
            .await;
        assert_eq!(answer.status, 303, "{headers:?}");
    }
}
