//! What the planner makes of a statement.

use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, SqliteConnection,
    connection::SimpleConnection as _, dsl::sql, sql_query, sql_types::Text,
};
use touchmark_registry::config::Database;
use touchmark_tests::TestServer;

/// A connection that asks for plans.
pub(crate) enum Explainer {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

impl Explainer {
    pub(crate) fn new(server: &TestServer) -> Self {
        match server.database() {
            Database::Sqlite(path) => {
                let path = path.to_string_lossy();
                Self::Sqlite(SqliteConnection::establish(&path).expect("a connection"))
            }
            Database::Postgres(url) => {
                let mut conn = PgConnection::establish(&url).expect("a connection");
                // Tables this small are read whole whatever indexes there are: a scan or sort that is
                // left when both are forbidden is one that cannot be avoided.
                conn.batch_execute(
                    "SET enable_seqscan = off; SET enable_sort = off; \
                     SET plan_cache_mode = force_generic_plan",
                )
                .expect("settings");
                Self::Postgres(conn)
            }
        }
    }

    /// The lines of the plan.
    pub(crate) fn plan(&mut self, statement: &str) -> Vec<String> {
        match self {
            Self::Sqlite(conn) => {
                let asked = sql_query(format!("EXPLAIN QUERY PLAN {}", lengthen(statement)));
                let steps: Vec<Step> = asked.load(conn).expect("a plan");
                steps.into_iter().map(|step| step.detail).collect()
            }
            Self::Postgres(conn) => {
                conn.batch_execute(&format!("PREPARE asked AS {statement}"))
                    .unwrap_or_else(|error| panic!("{statement}: {error}"));
                let count = (1..1_000)
                    .take_while(|n| has_parameter(statement, *n))
                    .count();
                let nothing = vec!["NULL"; count].join(", ");
                let call = if count == 0 {
                    String::new()
                } else {
                    format!("({nothing})")
                };
                let lines = sql::<Text>(&format!("EXPLAIN EXECUTE asked{call}")).load(conn);
                conn.batch_execute("DEALLOCATE asked").expect("an end");
                lines.unwrap_or_else(|error| panic!("{statement}: {error}"))
            }
        }
    }
}

/// A statement with as long lists as a page brings: the planner may find another way for them.
fn lengthen(statement: &str) -> String {
    let long = format!("IN ({})", ["?"; 64].join(", "));
    let mut text = String::new();
    let mut rest = statement;
    while let Some((before, list)) = rest.split_once("IN (?") {
        let (_, after) = list.split_once(')').expect("the end of a list");
        text.push_str(before);
        text.push_str(&long);
        rest = after;
    }
    text + rest
}

/// Whether a line of a plan says that all buckets of a project are gone through, each to find more in it.
pub(crate) fn is_wide(statement: &str, line: &str) -> bool {
    statement.contains("JOIN")
        && line.starts_with("SEARCH buckets")
        && line.ends_with("(project_id=?)")
}

fn has_parameter(statement: &str, number: usize) -> bool {
    let name = format!("${number}");
    statement.match_indices(&name).any(|(at, _)| {
        let next = statement.as_bytes().get(at + name.len());
        !next.is_some_and(u8::is_ascii_digit)
    })
}

/// Whether a line of a plan says that a whole table is read, or that rows are sorted.
pub(crate) fn is_slow(line: &str) -> bool {
    let sqlite = line.starts_with("SCAN ") || line.contains("USE TEMP B-TREE");
    let postgres = line.contains("Seq Scan") || line.contains("Sort  (");
    // Duplicates are dropped from what was found by an index.
    let harmless = line.starts_with("SCAN CONSTANT ROW") || line.ends_with("FOR DISTINCT");
    (sqlite || postgres) && !harmless
}

/// A statement as both databases would write it: names in brackets, values as underscores.
pub(crate) fn plain(statement: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    let mut rest = statement.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '`' | '"' => {
                text.push(if inside { ']' } else { '[' });
                inside = !inside;
            }
            '?' => text.push('_'),
            '$' => {
                while rest.next_if(char::is_ascii_digit).is_some() {}
                text.push('_');
            }
            other => text.push(other),
        }
    }
    text
}
