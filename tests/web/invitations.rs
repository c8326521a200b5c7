//! The links by which people come in.

use std::time::Duration;

use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{Machine, TestServer};

use crate::kit::{Answer, Browser, PASSWORD};

const HOUR: Duration = Duration::from_hours(1);

async fn choose(browser: &Browser, link: &str, fields: &[(&str, &str)]) -> Answer {
    let form = browser.get(link).await.form(link);
    browser.send(&form.with(fields)).await
}

#[tokio::test]
async fn a_name_and_a_password_are_chosen_with_care() {
    let server = TestServer::start().await;
    let link = server.first_link.clone().expect("a link");
    let browser = Browser::new(&server);
    for (fields, problem) in [
        (
            [
                ("name", "ada"),
                ("password", "short"),
                ("repeated", "short"),
            ],
            "at least 12 characters",
        ),
        (
            [
                ("name", "ada"),
                ("password", PASSWORD),
                ("repeated", "another"),
            ],
            "not the same password",
        ),
        (
            [
                ("name", "<b>"),
                ("password", PASSWORD),
                ("repeated", PASSWORD),
            ],
            "The name must be",
        ),
        (
            [
                ("name", "adaadaadaada"),
                ("password", "adaadaadaada"),
                ("repeated", "adaadaadaada"),
            ],
            "must not be your name",
        ),
    ] {
        let answer = choose(&browser, &link, &fields).await;
        assert_eq!(answer.status, 422);
        assert!(
            answer.text().contains(problem),
            "{problem}: {}",
            answer.text()
        );
        assert!(!answer.body.contains(PASSWORD), "a password is shown");
    }
}

#[tokio::test]
async fn the_first_link_makes_an_admin_and_works_once() {
    let server = TestServer::start().await;
    let link = server.first_link.clone().expect("a link");
    let browser = Browser::new(&server);
    let fields = [
        ("name", "ada"),
        ("password", PASSWORD),
        ("repeated", PASSWORD),
    ];
    let answer = choose(&browser, &link, &fields).await;
    assert_eq!((answer.status, answer.location()), (303, "/"));
    let page = browser.follow("/").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Signed in as ada"), "{}", page.text());
    let again = Browser::new(&server).get(&link).await;
    assert_eq!(again.status, 404);
    assert!(
        again.text().contains("This link has been used"),
        "{}",
        again.text()
    );
    assert_eq!(
        Browser::new(&server).sign_in("ada", PASSWORD).await.status,
        303
    );
}

#[tokio::test]
async fn a_link_that_two_hold_serves_the_first_of_them() {
    let server = TestServer::start().await;
    let scope = Scope::Project(server.project.id.clone());
    let link = server.invite("vera", scope, Role::Viewer).await;
    let (one, other) = (Browser::new(&server), Browser::new(&server));
    let forms = (
        one.get(&link).await.form(&link),
        other.get(&link).await.form(&link),
    );
    let chosen = [("password", PASSWORD), ("repeated", PASSWORD)];
    assert_eq!(one.send(&forms.0.with(&chosen)).await.status, 303);
    assert_eq!(other.send(&forms.1.with(&chosen)).await.status, 404);
}

#[tokio::test]
async fn a_link_ends_after_three_days() {
    let server = TestServer::start().await;
    let link = server.first_link.clone().expect("a link");
    let browser = Browser::new(&server);
    server.advance(71 * HOUR + Duration::from_secs(3_599));
    let page = browser.get(&link).await;
    assert_eq!(page.status, 200);
    server.advance(Duration::from_secs(1));
    assert_eq!(browser.get(&link).await.status, 404);
    let late = page.form(&link).with(&[
        ("name", "ada"),
        ("password", PASSWORD),
        ("repeated", PASSWORD),
    ]);
    assert_eq!(browser.send(&late).await.status, 404);
}

#[tokio::test]
async fn people_are_made_and_invited_by_the_command_line() {
    let machine = Machine::new();
    let _server = machine.serve(&[]);
    let run = |arguments: &[&str]| machine.run("touchmark-registry", arguments);
    let made = run(&["user", "create", "vera", "--role", "viewer"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(made.stdout.contains("/invitations/"), "{}", made.stdout);
    let again = run(&["user", "create", "vera"]);
    assert_eq!(again.code, Some(6), "{}", again.stderr);
    let invited = run(&["user", "invite", "vera"]);
    assert_eq!(invited.code, Some(0), "{}", invited.stderr);
    assert_ne!(made.stdout, invited.stdout);
    let nobody = run(&["user", "invite", "walter"]);
    assert_eq!(nobody.code, Some(5), "{}", nobody.stderr);
}
