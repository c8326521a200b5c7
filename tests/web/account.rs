//! The account page: the password and the sessions.

use touchmark_registry::domain::role::Role;
use touchmark_tests::TestServer;

use crate::kit::{Answer, Browser, PASSWORD};

const NEW: &str = "four other words";

async fn change(browser: &Browser, current: &str, new: &str, repeated: &str) -> Answer {
    let form = browser.get("/account").await.form("/account/password");
    let fields = [
        ("current", current),
        ("password", new),
        ("repeated", repeated),
    ];
    browser.send(&form.with(&fields)).await
}

#[tokio::test]
async fn changing_the_password_ends_the_other_sessions() {
    let server = TestServer::start().await;
    let browser = Browser::person(&server, "vera", Role::Viewer).await;
    let other = Browser::new(&server);
    other.sign_in("vera", PASSWORD).await;
    assert_eq!(other.get("/account").await.status, 200);
    let changed = change(&browser, PASSWORD, NEW, NEW).await;
    assert_eq!((changed.status, changed.location()), (303, "/account"));
    let page = browser.get("/account").await;
    assert!(
        page.text().contains("Your password is changed"),
        "{}",
        page.text()
    );
    assert!(
        page.text().contains("You are signed in here only"),
        "{}",
        page.text()
    );
    assert!(
        !browser
            .get("/account")
            .await
            .text()
            .contains("Your password is changed")
    );
    assert_eq!(other.get("/account").await.status, 303);
    assert_eq!(other.sign_in("vera", PASSWORD).await.status, 422);
    assert_eq!(other.sign_in("vera", NEW).await.status, 303);
}

#[tokio::test]
async fn a_password_is_changed_by_who_knows_it() {
    let server = TestServer::start().await;
    let browser = Browser::person(&server, "vera", Role::Viewer).await;
    for (current, new, repeated, problem) in [
        ("wrong", NEW, NEW, "This is not your password"),
        (PASSWORD, NEW, "other", "This is not the same password"),
        (
            PASSWORD,
            "short",
            "short",
            "The password must have at least 12 characters",
        ),
    ] {
        let answer = change(&browser, current, new, repeated).await;
        assert_eq!(answer.status, 422);
        assert!(
            answer.text().contains(problem),
            "{problem}: {}",
            answer.text()
        );
    }
    assert_eq!(
        Browser::new(&server).sign_in("vera", PASSWORD).await.status,
        303
    );
}

#[tokio::test]
async fn sessions_are_listed_and_ended() {
    let server = TestServer::start().await;
    let browser = Browser::person(&server, "vera", Role::Viewer).await;
    let other = Browser::new(&server);
    other.sign_in("vera", PASSWORD).await;
    let page = browser.get("/account").await;
    assert!(
        page.text().contains("You are signed in 2 times"),
        "{}",
        page.text()
    );
    let end = page
        .forms()
        .into_iter()
        .filter(|form| form.action.ends_with("/end"));
    let end: Vec<_> = end.collect();
    assert_eq!(end.len(), 1, "one's own session is not offered");
    let stranger = Browser::person(&server, "walter", Role::Admin).await;
    let token = stranger.get("/account").await.token();
    let foreign = end[0].clone().with(&[("form_token", &token)]);
    assert_eq!(
        stranger.send(&foreign).await.status,
        404,
        "of somebody else"
    );
    assert_eq!(other.get("/account").await.status, 200);
    assert_eq!(browser.send(&end[0]).await.status, 303);
    assert_eq!(other.get("/account").await.status, 303);
    assert_eq!(browser.send(&end[0]).await.status, 404, "it has ended");
}
