//! Nodes that start at once on one empty database.

use std::path::Path;

use touchmark_registry::{
    config::{Flags, Settings},
    domain::time::{Clock, Time},
    server::Server,
    store::events,
};
use touchmark_tests::{TestDatabase, TestServer};

const NODES: usize = 4;

async fn start(folder: &Path, database: String, environment: Vec<(String, String)>) -> Server {
    let flags = Flags {
        listen: Some("127.0.0.1:0".into()),
        data_dir: Some(folder.display().to_string()),
        database: Some(database),
        plain_http: true,
        workers: Some("1".into()),
        ..Flags::default()
    };
    let (settings, _) = Settings::load(&flags, environment).expect("settings");
    let clock = Clock::manual(Time::from_micros(1_767_323_045_000_000));
    let server = Server::bind(&settings, clock).await;
    server.expect("a server")
}

#[tokio::test]
async fn nodes_that_start_at_once_on_an_empty_database_make_one_organization() {
    if !TestDatabase::is_postgres() {
        eprintln!("SKIPPED: two nodes need PostgreSQL, set TEST_DATABASE_URL");
        return;
    }
    // The key that the nodes share is one that a server made.
    let donor = TestServer::start().await;
    let key = std::fs::read(donor.data_dir().join("master.key")).expect("a master key");
    for _ in 0..3 {
        let database = TestDatabase::create();
        let folders: Vec<_> = (0..NODES)
            .map(|_| tempfile::tempdir().expect("a folder"))
            .collect();
        let mut starting = Vec::new();
        for folder in &folders {
            let path = folder.path().join("shared.key");
            touchmark_registry::private_file::create(&path, &key).expect("a key file");
            let environment = vec![(
                "TOUCHMARK_MASTER_KEY_FILE".to_owned(),
                path.display().to_string(),
            )];
            let url = database.url(folder.path());
            let path = folder.path().to_owned();
            starting.push(tokio::spawn(
                async move { start(&path, url, environment).await },
            ));
        }
        let mut servers = Vec::new();
        for server in starting {
            servers.push(server.await.expect("a node that starts"));
        }
        let greeted = servers
            .iter()
            .filter(|server| server.greeting.first)
            .count();
        assert_eq!(greeted, 1, "one node made the organization");
        for server in &servers {
            let all = server.state.store.read(|conn| events::after(conn, 0)).await;
            let all = all.expect("events");
            for action in [
                "organization.created",
                "project.created",
                "registry.created",
            ] {
                let count = all.iter().filter(|event| event.action == action).count();
                assert_eq!(count, 1, "{action}");
            }
        }
    }
}
