//! Versions of one bucket, created and completed at once.

use std::collections::BTreeSet;

use touchmark_tests::{Story, done, wire::version::CreateVersionBody};

use crate::arena::{Arena, CALLERS, ROUNDS, all_well, one_won};

/// Sixteen versions complete in the same moment: their numbers have no gap and no double.
async fn numbering(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("alpine").await;
    for round in 0..ROUNDS {
        let mut builds = Vec::new();
        for index in 0..CALLERS {
            let fingerprint = format!("f{round}-{index}");
            admin.version("alpine", &fingerprint).await;
            let id = admin.build("alpine", &fingerprint, "null.x").await;
            builds.push((fingerprint, id));
        }
        let answers = arena.together(CALLERS, |client, index| {
            let (fingerprint, id) = builds[index].clone();
            async move {
                let body = done("ami");
                client
                    .update_build("alpine", &fingerprint, &id, &body)
                    .await
            }
        });
        all_well(&answers.await);
        let mut names = BTreeSet::new();
        let mut newest = String::new();
        let highest = (round + 1) * CALLERS;
        for (fingerprint, _) in &builds {
            let name = admin.look("alpine", fingerprint).await.name;
            if name == format!("v{highest}") {
                newest.clone_from(fingerprint);
            }
            names.insert(name);
        }
        let first = round * CALLERS + 1;
        let expected = (first..=highest).map(|number| format!("v{number}"));
        assert_eq!(names, expected.collect::<BTreeSet<_>>());
        assert_eq!(admin.held("alpine", "latest").await, newest, "v{highest}");
        let answer = admin.get_bucket("alpine").await.expect("a bucket");
        let bucket = answer.bucket.expect("the bucket");
        assert_eq!(
            bucket.version_count,
            i64::try_from(highest).expect("a count")
        );
        let latest = bucket.latest_version.expect("a version");
        assert_eq!(latest.name, format!("v{highest}"));
    }
    assert_eq!(
        arena.events("version.completed").await.len(),
        ROUNDS * CALLERS
    );
}

#[tokio::test]
async fn versions_completed_at_once_are_numbered_without_gap_or_double() {
    numbering(&Arena::one().await).await;
}

#[tokio::test]
async fn versions_completed_at_once_on_two_nodes_are_numbered_without_gap_or_double() {
    if let Some(arena) = Arena::two().await {
        numbering(&arena).await;
    }
}

/// One fingerprint is created sixteen times.
async fn duplicates(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("alpine").await;
    for round in 0..ROUNDS {
        let answers = arena.together(CALLERS, |client, _| async move {
            let body = CreateVersionBody {
                fingerprint: format!("f{round}"),
                template_type: None,
            };
            client.create_version("alpine", &body).await
        });
        one_won(&answers.await);
    }
    let answer = admin.get_bucket("alpine").await.expect("a bucket");
    let count = answer.bucket.expect("the bucket").version_count;
    assert_eq!(count, i64::try_from(ROUNDS).expect("a count"));
}

#[tokio::test]
async fn one_fingerprint_created_by_many_is_there_once() {
    duplicates(&Arena::one().await).await;
}

#[tokio::test]
async fn one_fingerprint_created_by_many_on_two_nodes_is_there_once() {
    if let Some(arena) = Arena::two().await {
        duplicates(&arena).await;
    }
}
