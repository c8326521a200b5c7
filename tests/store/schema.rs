//! The two databases have one schema, and it is the one that diesel knows.

use std::{collections::BTreeSet, fs, path::PathBuf};

use diesel::{QueryableByName, RunQueryDsl, sql_query};
use touchmark_registry::{
    auth::secret::Secret,
    domain::role::Role,
    ops::people::{self, Choice, Origin},
    store::{Driver, principals::Scope},
};
use touchmark_tests::{Story as _, TestDatabase, TestServer, wire::own::SetBucketFreshnessBody};

use crate::{
    look::{self, Column, Text, query, tables, texts},
    story,
};

fn migrations(database: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../migrations")
        .join(database)
}

fn names(database: &str) -> BTreeSet<String> {
    fs::read_dir(migrations(database))
        .expect("a folder")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect()
}

#[test]
fn both_databases_have_migrations_of_the_same_names() {
    let sqlite = names("sqlite");
    assert_eq!(sqlite, names("postgres"));
    assert!(!sqlite.is_empty());
}

/// The statements of a migration in the words that both databases have: one line each, sorted.
fn statements(database: &str, migration: &str) -> BTreeSet<String> {
    let path = migrations(database).join(migration).join("up.sql");
    let text = fs::read_to_string(path).expect("a migration");
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("--"));
    let text = lines.collect::<Vec<_>>().join(" ");
    let replaced = [
        (" COLLATE \"C\"", ""),
        (
            "BIGSERIAL PRIMARY KEY",
            "INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT",
        ),
        ("DEFAULT (pg_current_xact_id()::text::bigint)", "DEFAULT 0"),
        ("metadata::json", "metadata"),
        ("WHERE NOT settled", "WHERE settled = 0"),
        ("BIGINT", "INTEGER"),
        ("BYTEA", "BLOB"),
        ("BOOLEAN", "INTEGER"),
        (") STRICT", ")"),
    ];
    let text = replaced
        .iter()
        .fold(text, |text, (from, to)| text.replace(from, to));
    text.split(';')
        .map(|statement| statement.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|statement| !statement.is_empty())
        .collect()
}

#[test]
fn both_databases_have_the_same_constraints_and_indexes() {
    for name in names("sqlite") {
        let (sqlite, postgres) = (statements("sqlite", &name), statements("postgres", &name));
        assert_eq!(sqlite, postgres, "{name}");
        assert!(!sqlite.is_empty(), "{name}");
    }
}

#[test]
fn text_that_is_a_key_sorts_by_its_bytes_on_postgresql() {
    for name in names("postgres") {
        let path = migrations("postgres").join(&name).join("up.sql");
        let text = fs::read_to_string(path).expect("a migration");
        for line in text
            .lines()
            .filter(|line| line.contains(" TEXT") && !line.contains("--"))
        {
            assert!(line.contains("COLLATE \"C\""), "{name}: {line}");
        }
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    kind: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    nullable: i64,
}

#[tokio::test]
async fn every_table_has_the_columns_that_diesel_knows_and_no_others() {
    let server = TestServer::start().await;
    let postgres = TestDatabase::is_postgres();
    for table in tables() {
        let sql = if postgres {
            format!(
                "SELECT column_name::text AS name, data_type::text AS kind, \
                 (CASE is_nullable WHEN 'YES' THEN 1 ELSE 0 END)::bigint AS nullable \
                 FROM information_schema.columns WHERE table_schema = 'public' \
                 AND table_name = '{}' ORDER BY ordinal_position",
                table.name
            )
        } else {
            format!(
                "SELECT name, type AS kind, 1 - \"notnull\" AS nullable \
                 FROM pragma_table_info('{}') ORDER BY cid",
                table.name
            )
        };
        let found: Vec<Found> = query(&server, &sql).await;
        let found: Vec<(&str, &str, bool)> = found
            .iter()
            .map(|column| {
                (
                    column.name.as_str(),
                    column.kind.as_str(),
                    column.nullable == 1,
                )
            })
            .collect();
        let known: Vec<(&str, &str, bool)> = table
            .columns
            .iter()
            .map(|column| (column.name, named(column, postgres), column.nullable))
            .collect();
        assert_eq!(found, known, "{}", table.name);
    }
}

/// What a database calls the type of a column.
fn named(column: &Column, postgres: bool) -> &'static str {
    match (column.kind, postgres) {
        ("Text", true) => "text",
        ("Text", false) => "TEXT",
        ("BigInt", true) => "bigint",
        ("Bool", true) => "boolean",
        ("BigInt" | "Bool", false) => "INTEGER",
        ("Binary", true) => "bytea",
        ("Binary", false) => "BLOB",
        (other, _) => panic!("a type that is not known: {other}"),
    }
}

#[tokio::test]
async fn there_is_no_table_that_diesel_does_not_know() {
    let server = TestServer::start().await;
    let sql = if TestDatabase::is_postgres() {
        "SELECT table_name::text AS text FROM information_schema.tables WHERE table_schema = 'public'"
    } else {
        "SELECT name AS text FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    };
    let mut found = texts(&server, sql).await;
    found.retain(|name| name != "__diesel_schema_migrations");
    found.sort();
    let mut known: Vec<&str> = tables().iter().map(|table| table.name).collect();
    known.sort_unstable();
    assert_eq!(found, known);
}

/// Somebody sets a password and has a session; the link for the first person is left.
async fn sign_in(server: &TestServer) {
    let scope = Scope::Project(server.project.id.clone());
    let link = server.invite("vera", scope, Role::Viewer).await;
    let (_, link) = link.rsplit_once('/').expect("a path");
    let choice = Choice {
        name: String::new(),
        password: Secret::new("four words are enough".to_owned()),
    };
    let origin = Origin::new(None, String::new());
    let accepted = people::accept(&server.state, link, choice, origin).await;
    accepted.expect("a session");
}

#[tokio::test]
async fn the_public_interface_fills_every_table() {
    let server = TestServer::start().await;
    story::everything(&server).await;
    // The story ends with a latest version that is revoked.
    let admin = server.admin();
    let parent = admin.look("parent", "p1").await;
    admin.child("child", "c2", &parent, "").await;
    let limit = SetBucketFreshnessBody {
        age_limit_seconds: Some(60),
    };
    let project = &server.project.id;
    let own = admin.own();
    let said = own.set_bucket_freshness(project, "child", &limit).await;
    said.expect("a rule");
    sign_in(&server).await;
    for table in tables() {
        let rows = look::rows(&server, table).await;
        assert!(!rows.is_empty(), "{} is empty", table.name);
    }
}

#[tokio::test]
async fn tables_of_sqlite_are_strict() {
    if TestDatabase::is_postgres() {
        return;
    }
    let server = TestServer::start().await;
    let sql = "SELECT name AS text FROM pragma_table_list WHERE schema = 'main' AND type = 'table' \
               AND strict = 0 AND name NOT LIKE 'sqlite_%' ORDER BY name";
    assert_eq!(texts(&server, sql).await, ["__diesel_schema_migrations"]);
}

const PRAGMAS: &str = "SELECT (SELECT journal_mode FROM pragma_journal_mode) || ' ' || \
    (SELECT synchronous FROM pragma_synchronous) || ' ' || \
    (SELECT foreign_keys FROM pragma_foreign_keys) AS text";

#[tokio::test]
async fn every_connection_to_sqlite_writes_through_and_checks_keys() {
    if TestDatabase::is_postgres() {
        return;
    }
    let server = TestServer::start().await;
    // WAL, FULL, on: of the connection that writes, and of those that read.
    let of_writer = server.state.store.write(|conn| {
        let Driver::Sqlite(conn) = conn.driver() else {
            panic!("SQLite")
        };
        let rows: Vec<Text> = sql_query(PRAGMAS).load(conn).expect("pragmas");
        Ok(rows.into_iter().map(|row| row.text).collect::<Vec<_>>())
    });
    assert_eq!(of_writer.await.expect("a write"), ["wal 2 1"]);
    for _ in 0..4 {
        assert_eq!(texts(&server, PRAGMAS).await, ["wal 2 1"]);
    }
}

#[tokio::test]
async fn a_commit_on_postgresql_waits_for_the_disk_and_nothing_waits_for_ever() {
    if !TestDatabase::is_postgres() {
        return;
    }
    let server = TestServer::start().await;
    let sql = "SELECT current_setting('synchronous_commit') || ' ' || current_setting('lock_timeout') \
               || ' ' || current_setting('statement_timeout') AS text";
    assert_eq!(texts(&server, sql).await, ["on 5s 8s"]);
}
