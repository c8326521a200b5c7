//! The headers of every answer.

use reqwest::Method;
use touchmark_registry::{config::Flags, domain::role::Role};
use touchmark_tests::{Options, TestServer, pages::Filled};

use crate::{
    crawl::crawl,
    kit::{Answer, Browser},
};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
     form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
const NO_CONTENT: &str = "default-src 'none'; frame-ancestors 'none'";

/// What is the same for pages, redirects and files.
fn examine(answer: &Answer) {
    let address = &answer.address;
    for (name, expected) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
        ),
    ] {
        assert_eq!(answer.header(name), expected, "{name} of {address}");
    }
    examine_any(answer);
    let file = address.starts_with("/static/") && answer.status == 200;
    let expected = if file {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    assert_eq!(answer.header("cache-control"), expected, "{address}");
}

/// What is the same for everything.
fn examine_any(answer: &Answer) {
    let address = &answer.address;
    assert_eq!(
        answer.header("x-content-type-options"),
        "nosniff",
        "{address}"
    );
    assert!(!answer.header("x-request-id").is_empty(), "{address}");
    for told in [
        "server",
        "x-powered-by",
        "access-control-allow-origin",
        "strict-transport-security",
    ] {
        assert_eq!(answer.header(told), "", "{told} of {address}");
    }
}

#[tokio::test]
async fn every_page_and_file_has_the_headers() {
    let server = TestServer::start().await;
    let filled = Filled::make(&server).await;
    let mut answers = crawl(&Browser::admin(&server).await, &filled).await;
    answers.extend(crawl(&Browser::new(&server), &filled).await);
    let others = ["/api/", "/download/"];
    let is_other = |answer: &Answer| others.iter().any(|path| answer.address.starts_with(path));
    let pages = answers.iter().filter(|answer| !is_other(answer));
    pages.clone().for_each(examine);
    let count = |status: u16| {
        answers
            .iter()
            .filter(|answer| answer.status == status)
            .count()
    };
    assert!(count(200) > 5 && count(303) > 0 && count(404) > 0);
    assert!(
        answers
            .iter()
            .any(|answer| answer.address.starts_with("/static/"))
    );
}

#[tokio::test]
async fn errors_have_the_headers_as_well() {
    let server = TestServer::start().await;
    let browser = Browser::person(&server, "vera", Role::Viewer).await;
    let form = browser.get("/account").await.form("/account/password");
    let wrong = form.clone().with(&[("current", "wrong")]);
    let mut forged = form;
    forged.fields.clear();
    for (status, answer) in [
        (422, browser.send(&wrong).await),
        (403, browser.send(&forged).await),
        (404, browser.get("/nothing/here").await),
        (404, browser.get("/static/0/missing.css").await),
        (405, browser.ask(Method::PUT, "/account", (&[], &[])).await),
        (404, browser.get("/p/missing/buckets").await),
        (303, Browser::new(&server).get("/account").await),
    ] {
        assert_eq!(answer.status, status, "{}", answer.address);
        examine(&answer);
    }
    server.execute("DROP TABLE sessions");
    let broken = browser.get("/account").await;
    assert_eq!(broken.status, 500);
    examine(&broken);
    assert!(
        broken.text().contains(broken.header("x-request-id")),
        "{}",
        broken.text()
    );
    assert!(!broken.text().contains("sessions"), "{}", broken.text());
}

#[tokio::test]
async fn answers_of_the_api_load_nothing() {
    let server = TestServer::start().await;
    let browser = Browser::new(&server);
    for path in [
        "/livez",
        "/api/v1/openapi.json",
        "/api/v1/whoami",
        "/api/v1/missing",
        "/metrics",
        "/oauth2/token",
    ] {
        let answer = browser.get(path).await;
        assert_eq!(
            answer.header("content-security-policy"),
            NO_CONTENT,
            "{path}"
        );
        examine_any(&answer);
    }
}

#[tokio::test]
async fn browsers_are_told_to_come_by_tls_alone_where_they_can() {
    let strict = "max-age=31536000; includeSubDomains";
    for (public_url, expected) in [
        (Some("https://images.example.com"), strict),
        (Some("https://192.0.2.1"), ""),
        (Some("http://images.example.com"), ""),
        (None, ""),
    ] {
        let flags = Flags {
            public_url: public_url.map(str::to_owned),
            ..Flags::default()
        };
        let server = TestServer::start_with(Options {
            flags,
            ..Options::default()
        });
        let server = server.await;
        let browser = Browser::new(&server);
        for path in ["/sign-in", "/account", "/missing", "/livez"] {
            let answer = browser.get(path).await;
            assert_eq!(
                answer.header("strict-transport-security"),
                expected,
                "{public_url:?} {path}"
            );
        }
    }
}
