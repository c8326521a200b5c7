//! What orchestrators and balancers ask.

use reqwest::Method;
use touchmark_registry::error::Error;
use touchmark_tests::{Story, TestServer, shown};

async fn asked(server: &TestServer, path: &str) -> String {
    let answer = server
        .anonymous()
        .send(Method::GET, path, None)
        .await
        .expect("an answer");
    let retry = answer
        .headers
        .get("retry-after")
        .map_or("-", |value| value.to_str().expect("text"));
    format!("{} retry-after {retry}", shown(&answer))
}

#[tokio::test]
async fn a_server_that_runs_is_live_and_ready() {
    let server = TestServer::start().await;
    insta::assert_snapshot!(asked(&server, "/livez").await, @r#"
    200
    {
      "status": "live"
    } retry-after -
    "#);
    insta::assert_snapshot!(asked(&server, "/readyz").await, @r#"
    200
    {
      "status": "ready"
    } retry-after -
    "#);
    insta::assert_snapshot!(asked(&server, "/readyz?verbose").await, @r#"
    200
    {
      "checks": {
        "database": "ok",
        "migrations": "ok",
        "serving": "ok",
        "writer": "ok"
      },
      "status": "ready"
    } retry-after -
    "#);
}

#[tokio::test]
async fn a_server_that_drains_says_so_but_still_answers() {
    let server = TestServer::start().await;
    let admin = server.admin();
    server.state.draining.begin();
    insta::assert_snapshot!(asked(&server, "/readyz").await, @r#"
    503
    {
      "checks": {
        "database": "ok",
        "migrations": "ok",
        "serving": "failed",
        "writer": "ok"
      },
      "status": "not ready"
    } retry-after 1
    "#);
    assert!(asked(&server, "/livez").await.starts_with("200"));
    admin.bucket("alpine").await;
    admin.get_bucket("alpine").await.expect("the bucket");
}

#[tokio::test]
async fn a_schema_that_is_behind_is_not_ready() {
    let server = TestServer::start().await;
    server.execute("DELETE FROM __diesel_schema_migrations");
    insta::assert_snapshot!(asked(&server, "/readyz").await, @r#"
    503
    {
      "checks": {
        "database": "ok",
        "migrations": "failed",
        "serving": "ok",
        "writer": "ok"
      },
      "status": "not ready"
    } retry-after 1
    "#);
}

#[tokio::test]
async fn a_broken_database_is_not_ready_but_live() {
    let server = TestServer::start().await;
    server.execute("DROP TABLE __diesel_schema_migrations");
    let ready = asked(&server, "/readyz").await;
    assert!(
        ready.starts_with("503") && ready.contains(r#""database": "failed""#),
        "{ready}"
    );
    assert!(!ready.contains("__diesel"), "no inner workings: {ready}");
    assert!(asked(&server, "/livez").await.starts_with("200"));
}

#[tokio::test]
async fn a_writer_that_hangs_is_not_ready_but_live() {
    let server = TestServer::start().await;
    // As many as there are threads that write, on either database.
    let count = if touchmark_tests::TestDatabase::is_postgres() {
        8
    } else {
        1
    };
    let (release, held) = std::sync::mpsc::channel::<()>();
    let held = std::sync::Arc::new(std::sync::Mutex::new(held));
    let (begun, mut signs) = tokio::sync::mpsc::unbounded_channel();
    let hold_one = |_| {
        let (store, held, begun) = (server.state.store.clone(), held.clone(), begun.clone());
        tokio::spawn(async move {
            let wait = move |_: &mut _| {
                begun.send(()).expect("a listener");
                held.lock().expect("a lock").recv().expect("a release");
                Ok(())
            };
            store.write(wait).await
        })
    };
    let holders: Vec<_> = (0..count).map(hold_one).collect();
    for _ in 0..count {
        signs.recv().await.expect("a writer that is held");
    }
    let ready = asked(&server, "/readyz").await;
    assert!(
        ready.starts_with("503") && ready.contains(r#""writer": "failed""#),
        "{ready}"
    );
    assert!(ready.contains(r#""database": "ok""#), "{ready}");
    assert!(asked(&server, "/livez").await.starts_with("200"));
    for _ in 0..count {
        release.send(()).expect("a holder");
    }
    for holder in holders {
        // A wait as long as this may have been given up.
        let ended = holder.await.expect("a task");
        let given_up = matches!(ended, Err(Error::Unavailable(_)));
        assert!(ended.is_ok() || given_up, "{ended:?}");
    }
    assert!(asked(&server, "/readyz").await.starts_with("200"));
}
