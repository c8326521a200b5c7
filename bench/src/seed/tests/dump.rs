//! All that a registry says of its buckets, as lines that another registry with the same story has as well:
//! each id and each digest of ids is a number, that of its first appearance.

use std::{collections::HashMap, fmt::Write as _};

use diesel::{QueryableByName, RunQueryDsl as _, sql_query, sql_types::Text};
use touchmark_registry::{
    error::Result,
    store::{Conn, Driver},
};

/// The log comes first: it names everything, in an order that does not depend on ids.
const TABLES: [&str; 7] = [
    "events",
    "buckets",
    "versions",
    "builds",
    "artifacts",
    "channels",
    "channel_history",
];

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn load(conn: &mut Conn, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = match conn.driver() {
        Driver::Postgres(c) => sql_query(sql).load(c),
        Driver::Sqlite(c) => sql_query(sql).load(c),
    }
    .unwrap();
    lines.into_iter().map(|line| line.line).collect()
}

/// All columns of all rows, but for what counts the transactions of a server.
fn rows(conn: &mut Conn, table: &str) -> Vec<String> {
    // What the first start wrote is of its own time.
    let (only, order) = match table {
        "events" => ("bucket_id <> ''", "sequence"),
        _ => ("TRUE", "1"),
    };
    let line = match conn.driver() {
        Driver::Postgres(_) => "(to_jsonb(t) - 'transaction_id')::text".to_owned(),
        Driver::Sqlite(_) => {
            let columns = load(
                conn,
                &format!("SELECT name AS line FROM pragma_table_info('{table}')"),
            );
            format!("json_array({})", columns.join(", "))
        }
    };
    let sql = format!("SELECT {line} AS line FROM {table} t WHERE {only} ORDER BY {order}");
    load(conn, &sql)
}

/// Everything; sorted but for the log.
#[expect(clippy::unnecessary_wraps, reason = "what the store takes")]
pub(super) fn everything(conn: &mut Conn) -> Result<Vec<String>> {
    let mut numbers = HashMap::new();
    let mut all = Vec::new();
    for table in TABLES {
        let mut lines: Vec<String> = rows(conn, table)
            .iter()
            .map(|line| format!("{table} {}", mask(line, &mut numbers)))
            .collect();
        if table != "events" {
            lines.sort();
        }
        all.append(&mut lines);
    }
    Ok(all)
}

/// The indices of all tables.
#[expect(clippy::unnecessary_wraps, reason = "what the store takes")]
pub(super) fn indices(conn: &mut Conn) -> Result<Vec<String>> {
    let sql = match conn.driver() {
        Driver::Postgres(_) => {
            "SELECT indexdef AS line FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
        }
        Driver::Sqlite(_) => {
            "SELECT name || coalesce(sql, '') AS line FROM sqlite_master WHERE type = 'index' ORDER BY 1"
        }
    };
    Ok(load(conn, sql))
}

fn mask(line: &str, numbers: &mut HashMap<String, usize>) -> String {
    let mut masked = String::new();
    for part in line.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if is_id(word) {
            let next = numbers.len();
            let number = numbers.entry(word.to_owned()).or_insert(next);
            write!(masked, "<{number}>{}", &part[word.len()..]).unwrap();
        } else {
            masked.push_str(part);
        }
    }
    masked
}

/// A ULID, a UUID or a SHA-256.
fn is_id(word: &str) -> bool {
    let upper = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    match word.len() {
        26 => word.bytes().all(upper),
        36 => word.bytes().filter(|b| *b == b'-').count() == 4,
        64 => word.bytes().all(|b| b.is_ascii_hexdigit()),
        _ => false,
    }
}
