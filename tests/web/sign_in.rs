//! Signing in and out, and sessions to their end.

use std::time::Duration;

use reqwest::Method;
use touchmark_registry::domain::role::Role;
use touchmark_tests::{
    TestServer,
    wire::own::{ChangePrincipalBody, ScopeKind},
};

use crate::kit::{Browser, PASSWORD, SESSION};

const HOUR: Duration = Duration::from_hours(1);

/// Whether somebody is signed in.
async fn is_in(browser: &Browser) -> bool {
    let answer = browser.get("/account").await;
    match answer.status {
        200 => true,
        303 => {
            assert_eq!(answer.location(), "/sign-in?next=%2Faccount");
            false
        }
        other => panic!("{other}: {}", answer.body),
    }
}

async fn viewer(server: &TestServer) -> Browser {
    Browser::person(server, "vera", Role::Viewer).await
}

#[tokio::test]
async fn an_unknown_name_and_a_wrong_password_look_the_same() {
    let server = TestServer::start().await;
    viewer(&server).await;
    let browser = Browser::new(&server);
    let wrong = browser.sign_in("vera", "four words are wrong").await;
    let unknown = browser.sign_in("walter", PASSWORD).await;
    assert_eq!((wrong.status, unknown.status), (422, 422));
    assert_eq!(wrong.text(), unknown.text());
    assert!(wrong.text().contains("The name or the password is wrong."));
    assert!(!browser.cookies().contains_key(SESSION));
}

#[tokio::test]
async fn who_guesses_is_slowed_down() {
    let server = TestServer::start().await;
    let browser = Browser::new(&server);
    for _ in 0..10 {
        let answer = browser.sign_in("walter", "guess").await;
        assert!(answer.text().contains("is wrong"), "{}", answer.text());
    }
    let told = browser.sign_in("walter", "guess").await;
    assert!(
        told.text().contains("Too many failed attempts: wait 1 s."),
        "{}",
        told.text()
    );
    server.advance(Duration::from_secs(1));
    let told = browser.sign_in("walter", "guess").await;
    assert!(told.text().contains("wait 2 s."), "{}", told.text());
}

#[tokio::test]
async fn a_session_ends_when_it_is_idle_and_in_any_case_after_a_week() {
    let server = TestServer::start().await;
    let browser = viewer(&server).await;
    server.advance(11 * HOUR + Duration::from_secs(3_599));
    assert!(is_in(&browser).await);
    server.advance(12 * HOUR);
    assert!(!is_in(&browser).await, "idle");
    assert_eq!(browser.sign_in("vera", PASSWORD).await.status, 303);
    for _ in 0..15 {
        server.advance(11 * HOUR);
        assert!(is_in(&browser).await);
    }
    server.advance(3 * HOUR);
    assert!(!is_in(&browser).await, "a week");
}

#[tokio::test]
async fn signing_in_gives_a_new_cookie_and_signing_out_ends_it() {
    let server = TestServer::start().await;
    let browser = viewer(&server).await;
    let before = browser.cookies()[SESSION].clone();
    let old = browser.copy();
    let page = browser.get("/account").await;
    let answer = browser.send(&page.form("/sign-out")).await;
    assert_eq!((answer.status, answer.location()), (303, "/sign-in"));
    assert!(!browser.cookies().contains_key(SESSION));
    assert!(!is_in(&old).await, "the old cookie works");
    // Whoever plants a cookie does not get a session by it.
    browser.put_cookie(SESSION, &before);
    assert_eq!(browser.sign_in("vera", PASSWORD).await.status, 303);
    assert_ne!(browser.cookies()[SESSION], before);
    assert!(is_in(&browser).await);
    assert!(!is_in(&old).await);
}

#[tokio::test]
async fn cookies_are_for_this_host_alone() {
    let server = TestServer::start().await;
    viewer(&server).await;
    let browser = Browser::new(&server);
    let mut given = vec![browser.get("/sign-in").await];
    given.push(browser.sign_in("vera", PASSWORD).await);
    let theme = browser.get("/account").await.form("/theme");
    given.push(browser.send(&theme.with(&[("theme", "dark")])).await);
    let out = browser.get("/account").await.form("/sign-out");
    given.push(browser.send(&out).await);
    let cookies = given
        .iter()
        .flat_map(|answer| answer.headers.get_all("set-cookie"));
    let mut names = std::collections::BTreeSet::new();
    for cookie in cookies.map(|value| value.to_str().expect("text")) {
        let (name, _) = cookie.split_once('=').expect("a cookie");
        names.insert(name.to_owned());
        assert!(name.starts_with("__Host-"), "{cookie}");
        for attribute in ["; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/"] {
            assert!(cookie.contains(attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    let all = [
        "__Host-touchmark",
        "__Host-touchmark-notice",
        "__Host-touchmark-theme",
        "__Host-touchmark-visit",
    ];
    assert!(names.iter().eq(all), "{names:?}");
}

#[tokio::test]
async fn who_is_disabled_is_out_at_once() {
    let server = TestServer::start().await;
    let browser = viewer(&server).await;
    let disable = |disabled| ChangePrincipalBody {
        disabled: Some(disabled),
    };
    let admin = server.admin();
    let admin = admin.own();
    admin
        .change_principal("vera", &disable(true))
        .await
        .expect("a change");
    assert!(!is_in(&browser).await);
    let refused = Browser::new(&server).sign_in("vera", PASSWORD).await;
    assert_eq!(refused.status, 422);
    admin
        .change_principal("vera", &disable(false))
        .await
        .expect("a change");
    assert!(!is_in(&browser).await, "the old session is back");
    assert_eq!(browser.sign_in("vera", PASSWORD).await.status, 303);
}

#[tokio::test]
async fn who_has_no_role_any_more_sees_nothing_of_the_project() {
    let server = TestServer::start().await;
    let browser = viewer(&server).await;
    let buckets = format!("/p/{}/buckets", server.project.name);
    assert_eq!(browser.get(&buckets).await.status, 200);
    let admin = server.admin();
    let project = (ScopeKind::Project, server.project.name.as_str());
    admin
        .own()
        .revoke_role("vera", project)
        .await
        .expect("a change");
    let gone = browser.get(&buckets).await;
    assert_eq!(gone.status, 404, "{}", gone.text());
    let start = browser.get("/").await;
    assert!(
        start.text().contains("You have no role in any project yet"),
        "{}",
        start.text()
    );
}

#[tokio::test]
async fn nobody_is_led_away() {
    let server = TestServer::start().await;
    viewer(&server).await;
    for next in [
        "https://example.com/",
        "//example.com",
        "/\\example.com",
        "javascript:alert(1)",
        "/\t/example.com",
    ] {
        let browser = Browser::new(&server);
        let page = browser.ask(Method::GET, "/sign-in", (&[], &[])).await;
        let fields = [("name", "vera"), ("password", PASSWORD), ("next", next)];
        let answer = browser.send(&page.form("/sign-in").with(&fields)).await;
        assert_eq!((answer.status, answer.location()), (303, "/"), "{next}");
        let theme = browser.get("/account").await.form("/theme");
        let answer = browser.send(&theme.with(&[("next", next)])).await;
        assert_eq!((answer.status, answer.location()), (303, "/"), "{next}");
        let query = crate::kit::encoded(&[("next".to_owned(), next.to_owned())]);
        let answer = browser.get(&format!("/sign-in?{query}")).await;
        assert_eq!((answer.status, answer.location()), (303, "/"), "{next}");
    }
    let browser = Browser::new(&server);
    let asked = browser.get("/p/default/buckets?filter=a%20b").await;
    assert_eq!(
        asked.location(),
        "/sign-in?next=%2Fp%2Fdefault%2Fbuckets%3Ffilter%3Da%2520b"
    );
    let page = browser.get(asked.location()).await;
    let form = page
        .form("/sign-in")
        .with(&[("name", "vera"), ("password", PASSWORD)]);
    assert_eq!(
        browser.send(&form).await.location(),
        "/p/default/buckets?filter=a%20b"
    );
}
