//! Every page and every form × everybody.

use std::collections::BTreeSet;

use reqwest::Method;
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Story, TestServer,
    pages::{CALLERS, Filled, ROUTES, Route, VIEWS},
};

use crate::kit::{Browser, PASSWORD};

/// With what the paths begin that are none of pages.
const OTHERS: [&str; 11] = [
    "/api/",
    "/packer/",
    "/oauth2/",
    "/resource-manager/",
    "/iam/",
    "/2019-12-10/",
    "/operation/",
    "/download/",
    "/livez",
    "/readyz",
    "/metrics",
];

#[tokio::test]
async fn every_route_of_pages_is_in_the_table() {
    let server = TestServer::start().await;
    Browser::new(&server).get("/sign-in").await;
    let all = server.state.metrics.routes();
    let routed: BTreeSet<&str> = all
        .iter()
        .map(String::as_str)
        .filter(|route| *route != "unknown" && !OTHERS.iter().any(|other| route.starts_with(other)))
        .collect();
    let table: BTreeSet<&str> = ROUTES.iter().map(|route| route.pattern).collect();
    assert_eq!(routed, table);
}

/// What [`ROUTES`] does not know must not be there.
#[tokio::test]
async fn every_method_of_a_page_is_in_the_table() {
    let server = TestServer::start().await;
    let filled = Filled::make(&server).await;
    let browser = Browser::admin(&server).await;
    for pattern in ROUTES.iter().map(|route| route.pattern) {
        let path = filled.fill(pattern);
        for method in [Method::GET, Method::POST, Method::PUT, Method::DELETE] {
            let known = ROUTES
                .iter()
                .any(|route| route.pattern == pattern && route.method == method.as_str());
            if !known {
                let answer = browser.ask(method.clone(), &path, (&[], &[])).await;
                assert_eq!(answer.status, 405, "{method} {pattern}");
            }
        }
    }
}

#[test]
fn every_page_is_among_those_that_are_looked_at() {
    let files = "/static/{hash}/{name}";
    for route in ROUTES
        .iter()
        .filter(|route| route.method == "GET" && route.pattern != files)
    {
        let shown = route.statuses.contains(&200);
        let mut addresses = VIEWS.iter().map(|view| view.address.split('?').next());
        // Another bucket or link will do.
        let same = |address: &str| shape(address) == shape(route.pattern);
        assert!(
            !shown || addresses.any(|address| address.is_some_and(same)),
            "no view shows {}",
            route.pattern
        );
    }
}

/// A pattern without the names of what is filled in.
fn shape(pattern: &str) -> Vec<&str> {
    let segments = pattern.split('/');
    segments
        .map(|segment| {
            if segment.starts_with('{') {
                "{}"
            } else {
                segment
            }
        })
        .collect()
}

/// What one caller of a form may change: nobody else sees it.
async fn own(server: &TestServer, filled: &Filled, number: usize, pattern: &str) -> Filled {
    let mut values = Vec::new();
    if pattern.contains("{link}") {
        let scope = Scope::Project(server.project.id.clone());
        let link = server
            .invite(&format!("invited-{number}"), scope, Role::Viewer)
            .await;
        values.push((
            "link",
            link.rsplit('/').next().unwrap_or_default().to_owned(),
        ));
    }
    if pattern.contains("{bucket}") {
        let (admin, bucket) = (server.admin(), format!("own-{number}"));
        admin.bucket(&bucket).await;
        for fingerprint in ["base-1", "base-2"] {
            admin.complete(&bucket, fingerprint).await;
        }
        admin.channel(&bucket, "production", "base-1").await;
        admin.assign(&bucket, "production", "base-2").await;
        values.push(("bucket", bucket));
    }
    filled.with(values)
}

/// Everybody, in the order of [`CALLERS`].
async fn everybody(server: &TestServer) -> Vec<Browser> {
    let mut all = vec![Browser::new(server)];
    for role in [Role::Viewer, Role::Builder, Role::Contributor] {
        all.push(Browser::person(server, &format!("person-{}", role.as_str()), role).await);
    }
    all.push(Browser::admin(server).await);
    all
}

/// A second session of somebody, which they may end.
async fn second_session(server: &TestServer, browser: &Browser, caller: &str) -> Option<String> {
    let name = match caller {
        "anonymous" => return None,
        "admin" => "admin-person".to_owned(),
        other => format!("person-{other}"),
    };
    let other = Browser::new(server);
    assert_eq!(other.sign_in(&name, PASSWORD).await.status, 303);
    let account = browser.get("/account").await;
    let end = account
        .forms()
        .into_iter()
        .find(|form| form.action.ends_with("/end"));
    let action = end.expect("a session to end").action;
    action.split('/').rev().nth(1).map(str::to_owned)
}

async fn ask(browser: &Browser, filled: &Filled, route: &Route) -> (u16, String) {
    let path = filled.fill(route.pattern);
    let pairs = route
        .fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), filled.fill(value)));
    let mut fields: Vec<(String, String)> = pairs.collect();
    let answer = if route.method == "GET" {
        let query = crate::kit::encoded(&fields);
        let path = if query.is_empty() {
            path
        } else {
            format!("{path}?{query}")
        };
        browser.get(&path).await
    } else {
        let mut page = browser.get("/sign-in").await;
        if page.status == 303 {
            page = browser.get("/account").await;
        }
        fields.push(("form_token".to_owned(), page.token()));
        browser.ask(Method::POST, &path, (&fields, &[])).await
    };
    (answer.status, answer.location().to_owned())
}

#[tokio::test]
async fn everybody_gets_what_is_theirs() {
    let server = TestServer::start().await;
    let filled = Filled::make(&server).await;
    let browsers = everybody(&server).await;
    let mut wrong = Vec::new();
    for (number, route) in ROUTES.iter().enumerate() {
        for (at, (caller, expected)) in CALLERS.iter().zip(route.statuses).enumerate() {
            let number = number * CALLERS.len() + at;
            let mut filled = filled.clone();
            if route.method == "POST" {
                filled = own(&server, &filled, number, route.pattern).await;
            }
            if route.pattern.contains("{session}") {
                let session = second_session(&server, &browsers[at], caller).await;
                filled = filled.with(session.map(|session| ("session", session)));
            }
            // Who sets a password is somebody else from then on.
            let browser = browsers[at].copy();
            let (status, location) = ask(&browser, &filled, route).await;
            let sent_away = *caller == "anonymous" && status == 303 && route.statuses[1] != 303;
            if status != expected || (sent_away && !location.starts_with("/sign-in")) {
                wrong.push(format!(
                    "{} {} as {caller}: {status} {location}, not {expected}",
                    route.method, route.pattern
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
