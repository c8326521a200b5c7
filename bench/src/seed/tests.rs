//! A registry that was filled is one that the registry's own check finds nothing in, and no other than one
//! that was told of the same builds.

mod dump;

use std::path::Path;

use tempfile::tempdir;
use touchmark_registry::{config::Flags, domain::time::Time, maintenance};
use touchmark_tests::TestDatabase;

use super::*;

fn settings(database: &TestDatabase, folder: &Path) -> Settings {
    let flags = Flags {
        listen: Some("127.0.0.1:0".into()),
        data_dir: Some(folder.display().to_string()),
        database: Some(database.url(folder)),
        plain_http: true,
        workers: Some("1".into()),
        ..Flags::default()
    };
    Settings::load(&flags, []).unwrap().0
}

const SIZES: Sizes = Sizes {
    buckets: 5,
    versions: 32,
    artifacts: 3,
    one_bucket: 7,
    chain: 4,
    fan_out: 4,
};

#[actix_web::test]
async fn rows_written_directly_are_those_that_operations_write() {
    let folders = [tempdir().unwrap(), tempdir().unwrap()];
    let databases = [TestDatabase::create(), TestDatabase::create()];
    let mut dumps = Vec::new();
    for (directly, (folder, database)) in [true, false]
        .into_iter()
        .zip(folders.iter().zip(&databases))
    {
        let settings = settings(database, folder.path());
        make(&settings).await.unwrap();
        let filler = Filler::open(&settings).await.unwrap();
        // Later than the first start. A clock that stands lets the moments of both be the same.
        let now = Time::from_micros(4_000_000_000_000_000);
        for entries in SIZES.lane(0, 1) {
            let access = Arc::clone(&filler.access);
            let recorded = if directly {
                bulk::record(&filler.store, access, entries, now).await
            } else {
                bulk::record_by_operations(&filler.store, access, entries, now).await
            };
            recorded.unwrap();
        }
        dumps.push(filler.store.read(dump::everything).await.unwrap());
    }
    let [direct, told] = dumps.try_into().unwrap();
    assert!(direct.len() > 40 * (6 + 3), "{direct:#?}");
    for (direct, told) in direct.iter().zip(&told) {
        assert_eq!(direct, told);
    }
    assert_eq!(direct.len(), told.len());
}

#[actix_web::test]
async fn a_filled_registry_is_sound() {
    let folder = tempdir().unwrap();
    let database = TestDatabase::create();
    let settings = settings(&database, folder.path());
    let sizes = SIZES;
    make(&settings).await.unwrap();
    let store = Store::open_as_it_is(&settings.database).unwrap();
    let before = store.read(dump::indices).await.unwrap();
    drop(store);
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
    let after = store.read(dump::indices).await.unwrap();
    assert_eq!(after, before);
    assert!(after.len() > 20, "{after:?}");
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
