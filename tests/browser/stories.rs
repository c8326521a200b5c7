//! What people come for, from the first click to the last. Each story is told twice: with scripts and without.

use touchmark_tests::{Options, Story, TestServer};

use crate::chromium::{Chromium, Scripts};

/// A server over TLS, as it is in production.
async fn server() -> TestServer {
    let options = Options {
        tls: true,
        ..Options::default()
    };
    TestServer::start_with(options).await
}

/// The first person opens the link that the server printed, chooses a name, and finds an image.
async fn the_first_person(scripts: Scripts) {
    let server = server().await;
    let admin = server.admin();
    admin.bucket("base-debian").await;
    admin.complete("base-debian", "ami-0a1b2c3d4e5f60718").await;
    admin
        .channel("base-debian", "production", "ami-0a1b2c3d4e5f60718")
        .await;
    let Some(chromium) = Chromium::start(&server, scripts).await else {
        return;
    };
    chromium
        .open(server.first_link.as_deref().expect("a link"))
        .await;
    chromium.shows("Welcome to your registry").await;
    chromium.type_into("name", "ada").await;
    chromium.accept_here().await;
    assert_eq!(
        chromium
            .text("header details.menu:last-child summary")
            .await,
        "Signed in as ada"
    );
    chromium.follow("Buckets").await;
    chromium.shows("Buckets").await;
    chromium.follow("base-debian").await;
    chromium.shows("base-debian").await;
    let given = "main table:last-of-type tbody tr:first-child";
    let id = "ami-0a1b2c3d4e5f60718";
    if scripts == Scripts::On {
        chromium.click(&format!("{given} .copy")).await;
        assert_eq!(chromium.copied().await, id);
    } else {
        assert_eq!(chromium.text(&format!("{given} .id")).await, id);
    }
    chromium.close().await;
}

#[tokio::test]
async fn the_first_person_finds_an_image() {
    the_first_person(Scripts::On).await;
}

#[tokio::test]
async fn the_first_person_finds_an_image_without_scripts() {
    the_first_person(Scripts::Off).await;
}
