//! A database of the first schema, with rows, becomes one of the newest.

use std::path::Path;

use touchmark_registry::{
    config::Database,
    store::{
        Store, ancestry, buckets, channels, commits, organizations, principals, schema_is_current,
    },
};
use touchmark_tests::TestDatabase;

/// What a registry of the first schema held.
const ROWS: &str = "
    INSERT INTO organizations VALUES ('o', 'default', 1);
    INSERT INTO projects VALUES ('p', 'o', 'default', '', 1);
    INSERT INTO principals (id, organization_id, project_id, kind, name, client_id, disabled, generation, created_at)
        VALUES ('n', 'o', NULL, 'service', 'admin', 'client', FALSE, 1, 1);
    INSERT INTO role_bindings VALUES ('n', 'organization', 'o', 'admin');
    INSERT INTO registries VALUES ('r', 'p', TRUE, 'PLUS', 1, 1);
    INSERT INTO buckets VALUES ('b', 'p', 'alpine', 'small', '{}', '[]', 7, 3, 0, 1, 1, 1);
    INSERT INTO buckets VALUES ('c', 'p', 'app', '', '{}', '[]', 4, 1, 1, 1, 1, 1);
    INSERT INTO versions VALUES ('parent', 'b', 1, 'f', 1, 'HCL2', 'admin', 1, 1);
    INSERT INTO versions VALUES ('child', 'c', 1, 'f', 1, 'HCL2', 'admin', 1, 1);
    INSERT INTO builds VALUES ('k', 'child', 2, 'docker.app', 'DONE', '', '', 'docker', '', 'parent', '', '{}',
        NULL, NULL, 1, 1);
    INSERT INTO builds VALUES ('q', 'child', 3, 'docker.odd', 'DONE', '', '', 'docker', '', '', '', '{}',
        '{\"vcs\":{\"details\":{\"commit\":\"ABCDEF0123\"}},\"packer\":\"\\u0000\"}', NULL, 1, 1);
    INSERT INTO builds VALUES ('s', 'parent', 2, 'docker.app', 'DONE', '', '', 'docker', '', '', '', '{}',
        '{\"vcs\":{\"type\":\"git\",\"details\":{\"commit\":\"ABCDEF0123\"}}}', NULL, 1, 1);
    INSERT INTO builds VALUES ('t', 'parent', 3, 'docker.bare', 'DONE', '', '', 'docker', '', '', '', '{}',
        '{\"packer\":null,\"vcs\":null}', NULL, 1, 1);
    INSERT INTO channels VALUES ('l', 'c', 'latest', TRUE, FALSE, 'child', 'admin', 1, 1);
    INSERT INTO channels VALUES ('m', 'b', 'latest', TRUE, FALSE, 'parent', 'admin', 1, 1);
    INSERT INTO channel_history VALUES ('m', 3, 1, 'admin', 'gone', 'v0', 'e');
    INSERT INTO channel_history VALUES ('l', 5, 1, 'admin', 'child', 'v1', 'f');
    INSERT INTO channel_history VALUES ('m', 7, 1, 'admin', 'parent', 'v1', 'f');
";

fn first_schema() -> String {
    let kind = if TestDatabase::is_postgres() {
        "postgres"
    } else {
        "sqlite"
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let file = root.join(kind).join("0001_foundation/up.sql");
    std::fs::read_to_string(file).expect("the first migration")
}

#[tokio::test]
async fn a_database_of_the_first_schema_keeps_its_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = TestDatabase::create();
    if TestDatabase::is_postgres() {
        database.execute(
            folder.path(),
            "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
        );
    }
    database.execute(folder.path(), &first_schema());
    let done = "CREATE TABLE __diesel_schema_migrations (
        version VARCHAR(50) PRIMARY KEY NOT NULL,
        run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP);
        INSERT INTO __diesel_schema_migrations (version) VALUES ('0001')";
    database.execute(folder.path(), done);
    database.execute(folder.path(), ROWS);

    let location: Database = database.location(folder.path());
    let store = Store::open(&location).expect("a database that is migrated");
    let found = store
        .read(|conn| {
            assert!(schema_is_current(conn)?);
            let bucket = buckets::find(conn, "p", "alpine")?;
            let admins = principals::admins(conn, "o")?;
            let projects = organizations::projects(conn, "o")?;
            let children = ancestry::children(conn, &["b".to_owned(), "c".to_owned()])?;
            let children: Vec<String> = children.into_iter().map(|link| link.child_id).collect();
            for (channel, assignments) in [("l", 1), ("m", 2), ("none", 0)] {
                assert_eq!(channels::assignments(conn, channel)?, assignments);
            }
            let noted = commits::of_versions(conn, &["parent".to_owned(), "child".to_owned()])?;
            let noted: Vec<(String, String)> = noted.into_iter().collect();
            assert_eq!(noted, [("s".to_owned(), "abcdef0123".to_owned())]);
            let kept = (bucket.description, bucket.revision, admins, projects.len());
            Ok((kept, children))
        })
        .await
        .expect("what was there");
    let kept = ("small".into(), 7, vec!["n".into()], 1);
    assert_eq!(found, (kept, vec!["child".into()]));
}
