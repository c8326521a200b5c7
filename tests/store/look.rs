//! Looks at the database past every function of the store.

use std::sync::OnceLock;

use diesel::{QueryableByName, RunQueryDsl, connection::LoadConnection, sql_query};
use regex_lite::Regex;
use touchmark_registry::store::{Conn, Driver};
use touchmark_tests::{TestDatabase, TestServer};

/// Runs a query that both databases understand, on a connection of the server itself.
pub(crate) async fn query<T>(server: &TestServer, sql: &str) -> Vec<T>
where
    T: QueryableByName<diesel::pg::Pg> + QueryableByName<diesel::sqlite::Sqlite> + Send + 'static,
{
    let sql = sql.to_owned();
    let rows = move |conn: &mut Conn| {
        let rows = match conn.driver() {
            Driver::Postgres(conn) => load(conn, &sql),
            Driver::Sqlite(conn) => sql_query(&sql).load(conn),
        };
        Ok(rows.expect("a query that both databases understand"))
    };
    server.state.store.read(rows).await.expect("rows")
}

fn load<T>(conn: &mut diesel::PgConnection, sql: &str) -> diesel::QueryResult<Vec<T>>
where
    T: QueryableByName<diesel::pg::Pg> + 'static,
    diesel::PgConnection: LoadConnection,
{
    sql_query(sql).load(conn)
}

/// A row of one text column called `text`.
#[derive(QueryableByName)]
pub(crate) struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) text: String,
}

/// The values of one text column called `text`.
pub(crate) async fn texts(server: &TestServer, sql: &str) -> Vec<String> {
    let rows: Vec<Text> = query(server, sql).await;
    rows.into_iter().map(|row| row.text).collect()
}

/// A table as `store/schema.rs` has it.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) columns: Vec<Column>,
}

/// A column: its name, its type without `Nullable`, whether it may be null.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) nullable: bool,
}

/// All tables that diesel knows.
pub(crate) fn tables() -> &'static [Table] {
    static TABLES: OnceLock<Vec<Table>> = OnceLock::new();
    TABLES.get_or_init(|| {
        let text = include_str!("../../registry/src/store/schema.rs");
        let table =
            Regex::new(r"(?s)table! \{\s+(\w+) \([\w, ]+\) \{(.*?)\n    \}").expect("a pattern");
        let column = Regex::new(r"(\w+) -> (Nullable<)?(\w+)").expect("a pattern");
        let tables: Vec<Table> = table
            .captures_iter(text)
            .map(|found| Table {
                name: found.get(1).expect("a name").as_str(),
                columns: column
                    .captures_iter(found.get(2).expect("columns").as_str())
                    .map(|found| Column {
                        name: found.get(1).expect("a name").as_str(),
                        kind: found.get(3).expect("a type").as_str(),
                        nullable: found.get(2).is_some(),
                    })
                    .collect(),
            })
            .collect();
        assert_eq!(tables.len(), text.matches("table! {").count());
        tables
    })
}

/// All rows of a table, each as text with every value in it, sorted.
pub(crate) async fn rows(server: &TestServer, table: &Table) -> Vec<String> {
    let value = |column: &Column| {
        let name = column.name;
        match (TestDatabase::is_postgres(), column.kind) {
            (true, "Binary") => format!("COALESCE(encode({name}, 'hex'), 'null')"),
            (true, _) => format!("COALESCE(CAST({name} AS TEXT), 'null')"),
            (false, _) => format!("quote({name})"),
        }
    };
    let values: Vec<String> = table.columns.iter().map(value).collect();
    let values = values.join(" || ' | ' || ");
    let sql = format!("SELECT {values} AS text FROM {}", table.name);
    let mut rows = texts(server, &sql).await;
    rows.sort();
    rows
}

/// Everything that the database holds.
pub(crate) async fn everything(server: &TestServer) -> Vec<String> {
    let mut all = Vec::new();
    for table in tables() {
        for row in rows(server, table).await {
            all.push(format!("{}: {row}", table.name));
        }
    }
    all
}

/// A row of the event log.
#[derive(Debug, QueryableByName)]
pub(crate) struct Event {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub(crate) sequence: i64,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub(crate) transaction_id: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) id: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) organization_id: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) project_id: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) bucket_id: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub(crate) revision: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) actor_kind: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) actor_id: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) actor_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) request_id: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pub(crate) at: i64,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) action: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) resource_kind: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) resource_id: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) resource_name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) payload: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    pub(crate) digest: String,
}

/// The whole event log, in order.
pub(crate) async fn log(server: &TestServer) -> Vec<Event> {
    query(server, "SELECT * FROM events ORDER BY sequence").await
}
