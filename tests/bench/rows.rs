//! All that is stored, row by row, to see whether anything changed.

use std::collections::BTreeMap;

use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection, sql_query,
    sql_types::Text,
};
use touchmark_registry::config::Database;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The rows of each table as text, in an order of their own.
pub(crate) fn of(database: &Database) -> BTreeMap<String, Vec<String>> {
    match database {
        Database::Sqlite(path) => sqlite(&path.display().to_string()),
        Database::Postgres(url) => postgres(url),
    }
}

fn sqlite(path: &str) -> BTreeMap<String, Vec<String>> {
    let mut conn = SqliteConnection::establish(path).expect("a database");
    let mut lines = |sql: &str| {
        let lines: Vec<Line> = sql_query(sql).load(&mut conn).expect("rows");
        lines.into_iter().map(|line| line.line).collect::<Vec<_>>()
    };
    let tables = lines(
        "SELECT name AS line FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    );
    let rows = tables.into_iter().map(|table| {
        let columns = lines(&format!(
            "SELECT 'quote(' || name || ')' AS line FROM pragma_table_info('{table}')"
        ));
        let row = columns.join(" || ',' || ");
        let rows = lines(&format!("SELECT {row} AS line FROM {table} ORDER BY 1"));
        (table, rows)
    });
    rows.collect()
}

fn postgres(url: &str) -> BTreeMap<String, Vec<String>> {
    let mut conn = PgConnection::establish(url).expect("a connection");
    let mut lines = |sql: &str| {
        let lines: Vec<Line> = sql_query(sql).load(&mut conn).expect("rows");
        lines.into_iter().map(|line| line.line).collect::<Vec<_>>()
    };
    let tables = lines("SELECT tablename::text AS line FROM pg_tables WHERE schemaname = 'public'");
    let rows = tables.into_iter().map(|table| {
        let rows = lines(&format!("SELECT t::text AS line FROM {table} t ORDER BY 1"));
        (table, rows)
    });
    rows.collect()
}
