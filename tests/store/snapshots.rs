//! Reads go on while a write is open, and see one moment.

use std::sync::{Mutex, mpsc};

use touchmark_registry::{
    domain::{id, label::Labels, time::Time},
    store::{
        Conn,
        buckets::{self, NewBucket},
    },
};
use touchmark_tests::{Story, TestServer};

fn bucket(project_id: &str) -> NewBucket {
    NewBucket {
        id: id::ulid(Time::from_micros(1)),
        project_id: project_id.to_owned(),
        name: "open".to_owned(),
        description: String::new(),
        labels: Labels::default(),
    }
}

#[tokio::test]
async fn reads_run_while_a_write_is_open_and_do_not_see_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let (release, wait) = mpsc::channel::<()>();
    let (wrote, has_written) = tokio::sync::oneshot::channel();
    let (store, row) = (server.state.store.clone(), bucket(&server.project.id));
    let (mut wrote, wait) = (Some(wrote), Mutex::new(wait));
    let writing = tokio::spawn(async move {
        let work = move |conn: &mut Conn| {
            buckets::insert(conn, &row, Time::from_micros(1))?;
            wrote.take().expect("one run").send(()).expect("a listener");
            let _ = wait.lock().expect("a lock").recv();
            Ok(())
        };
        store.write(work).await
    });
    has_written.await.expect("an open write");
    for _ in 0..8 {
        admin.get_bucket("alpine").await.expect("a read");
        assert!(admin.get_bucket("open").await.is_err(), "not committed yet");
    }
    drop(release);
    writing.await.expect("a task").expect("a write");
    let names = crate::look::texts(&server, "SELECT name AS text FROM buckets ORDER BY name").await;
    assert_eq!(names, ["alpine", "open"]);
}

#[tokio::test]
async fn a_read_sees_one_moment_from_its_first_statement_to_its_last() {
    let server = TestServer::start().await;
    let project = server.project.id.clone();
    let (go_on, wait) = mpsc::channel::<()>();
    let (looked, has_looked) = tokio::sync::oneshot::channel();
    let (mut looked, wait, store) = (Some(looked), Mutex::new(wait), server.state.store.clone());
    let reading = tokio::spawn(async move {
        let read = move |conn: &mut Conn| {
            let before = buckets::any(conn, &project)?;
            if let Some(looked) = looked.take() {
                looked.send(()).expect("a listener");
            }
            let _ = wait.lock().expect("a lock").recv();
            Ok((before, buckets::any(conn, &project)?))
        };
        store.read(read).await
    });
    has_looked.await.expect("a read under way");
    server.admin().bucket("alpine").await;
    drop(go_on);
    let (before, after) = reading.await.expect("a task").expect("a read");
    assert_eq!((before, after), (false, false));
    server
        .admin()
        .get_bucket("alpine")
        .await
        .expect("the bucket");
}
