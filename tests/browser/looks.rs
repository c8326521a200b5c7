//! Every view of a filled registry: can everybody use it, does it fit on a small screen, what does it look like.

use std::{
    fs,
    path::{Path, PathBuf},
};

use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Options, TestServer,
    pages::{Filled, VIEWS, View},
};

use crate::{
    axe,
    chromium::{Chromium, Scripts},
};

/// A server over TLS, as it is in production, with something on every page.
async fn filled() -> (TestServer, Filled) {
    let server = TestServer::start_with(Options {
        tls: true,
        ..Options::default()
    });
    let server = server.await;
    let filled = Filled::make(&server).await;
    (server, filled)
}

/// Opens view after view, first those of strangers, and calls `look` on each.
async fn walk(
    chromium: &Chromium,
    server: &TestServer,
    filled: &Filled,
    mut look: impl AsyncFnMut(&View),
) {
    for view in VIEWS.iter().filter(|view| !view.signed_in) {
        chromium.open(&filled.fill(view.address)).await;
        look(view).await;
    }
    let scope = Scope::Organization(server.project.organization_id.clone());
    let link = server.invite("ada", scope, Role::Admin).await;
    chromium.accept(&link).await;
    for view in VIEWS.iter().filter(|view| view.signed_in) {
        chromium.open(&filled.fill(view.address)).await;
        look(view).await;
    }
}

#[tokio::test]
async fn everybody_can_use_every_page() {
    let Some(script) = axe::script() else {
        return;
    };
    let (server, filled) = filled().await;
    let Some(chromium) = Chromium::start(&server, Scripts::On).await else {
        return;
    };
    chromium.resize(1280, 900).await;
    let mut wrong = Vec::new();
    walk(&chromium, &server, &filled, async |view| {
        for scheme in ["light", "dark"] {
            chromium.prefer(scheme).await;
            for violation in axe::violations(&chromium, &script).await {
                wrong.push(format!("{} in {scheme}: {violation}", view.name));
            }
        }
    })
    .await;
    chromium.close().await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn no_page_scrolls_sideways_on_a_small_screen() {
    let (server, filled) = filled().await;
    let Some(chromium) = Chromium::start(&server, Scripts::On).await else {
        return;
    };
    chromium.resize(320, 640).await;
    let mut wide = Vec::new();
    walk(&chromium, &server, &filled, async |view| {
        let width = chromium
            .run("return document.documentElement.scrollWidth")
            .await;
        assert_eq!(chromium.run("return window.innerWidth").await, 320);
        if width.as_u64() > Some(320) {
            let culprits = chromium.run(WIDE).await;
            wide.push(format!("{} is {width} wide: {culprits}", view.name));
        }
    })
    .await;
    chromium.close().await;
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

/// What reaches beyond the screen, is not in a part that scrolls by itself, and holds nothing else that does.
const WIDE: &str = "
    const hidden = '.scroll, pre, .sr, details:not([open]) > :not(summary)';
    const wide = [...document.body.querySelectorAll('*')].filter((element) =>
        element.getBoundingClientRect().right > 320 && !element.closest(hidden));
    return wide.filter((element) => !wide.some((other) => other !== element && element.contains(other)))
        .slice(0, 5).map((element) => element.outerHTML.slice(0, 120));";

/// How high a picture is at most.
const HIGHEST: u64 = 6_000;

#[tokio::test]
async fn every_page_has_its_picture_taken() {
    let (server, filled) = filled().await;
    let Some(chromium) = Chromium::start(&server, Scripts::On).await else {
        return;
    };
    let folder = folder();
    fs::create_dir_all(&folder).expect("a folder");
    walk(&chromium, &server, &filled, async |view| {
        for (scheme, width) in [
            ("light", 1280),
            ("light", 390),
            ("dark", 1280),
            ("dark", 390),
        ] {
            chromium.prefer(scheme).await;
            let path = folder.join(format!("{}-{width}-{scheme}.png", view.name));
            picture(&chromium, &path, width).await;
        }
    })
    .await;
    chromium.close().await;
}

/// Takes a picture of the whole page.
async fn picture(chromium: &Chromium, path: &Path, width: u32) {
    chromium.resize(width, 900).await;
    let height = chromium
        .run("return document.documentElement.scrollHeight")
        .await;
    let height = height.as_u64().unwrap_or(900).clamp(900, HIGHEST);
    chromium
        .resize(width, u32::try_from(height).unwrap_or(900))
        .await;
    let image = chromium.client.screenshot().await.expect("a picture");
    fs::write(path, image).expect("a file");
}

/// `target/screenshots`.
fn folder() -> PathBuf {
    let test = std::env::current_exe().expect("the path of the test");
    let target = test.ancestors().nth(3).expect("target/<profile>/deps");
    target.join("screenshots")
}
