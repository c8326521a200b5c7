//! A registry that was filled is one that the registry's own check finds nothing in.

use tempfile::tempdir;
use touchmark_registry::{
    config::{Flags, Settings},
    maintenance,
};
use touchmark_tests::TestDatabase;

use super::*;

#[actix_web::test]
async fn a_filled_registry_is_sound() {
    let folder = tempdir().unwrap();
    let database = TestDatabase::create();
    let flags = Flags {
        listen: Some("127.0.0.1:0".into()),
        data_dir: Some(folder.path().display().to_string()),
        database: Some(database.url(folder.path())),
        plain_http: true,
        workers: Some("1".into()),
        ..Flags::default()
    };
    let (settings, _) = Settings::load(&flags, []).unwrap();
    let sizes = Sizes {
        buckets: 5,
        versions: 32,
        artifacts: 3,
        one_bucket: 7,
        chain: 4,
        fan_out: 4,
    };
    fill(&settings, &sizes).await.unwrap();

    let findings = maintenance::check(&settings).await.unwrap();
    assert!(findings.is_empty(), "{findings:?}");
    let store = Store::open_as_it_is(&settings.database).unwrap();
    assert_eq!(count(&store, "versions").await, sizes.all_versions());
    assert_eq!(sizes.all_versions(), 50);
    assert_eq!(count(&store, "buckets").await, sizes.all_buckets());
    // Two in each bucket of the first seven, and `latest` where the families are.
    let assigned = count(&store, "channels WHERE version_id IS NOT NULL").await;
    assert_eq!(assigned, 2 * 7 + 2 * 5);
    assert_eq!(
        count(&store, "builds WHERE parent_version_id <> ''").await,
        8
    );
}

async fn count(store: &Store, rows: &'static str) -> usize {
    use diesel::{QueryableByName, RunQueryDsl as _, sql_query, sql_types::BigInt};
    use touchmark_registry::store::{Conn, Driver};
    #[derive(QueryableByName)]
    struct Found {
        #[diesel(sql_type = BigInt)]
        count: i64,
    }
    let query = move |conn: &mut Conn| {
        let query = sql_query(format!("SELECT COUNT(*) AS count FROM {rows}"));
        let found: Found = match conn.driver() {
            Driver::Postgres(conn) => query.get_result(conn),
            Driver::Sqlite(conn) => query.get_result(conn),
        }
        .unwrap();
        Ok(usize::try_from(found.count).unwrap())
    };
    store.read(query).await.unwrap()
}
