//! Buckets, created and deleted at once.

use touchmark_tests::{
    Story,
    wire::{bucket::CreateBucketBody, version::CreateVersionBody},
};

use crate::arena::{Arena, CALLERS, ROUNDS, one_won, outcome};

/// One bucket is created sixteen times, and has one channel `latest`.
async fn creation(arena: &Arena) {
    for round in 0..ROUNDS {
        let name = format!("bucket-{round}");
        let answers = arena.together(CALLERS, |client, _| {
            let name = name.clone();
            async move {
                let body = CreateBucketBody {
                    name,
                    ..CreateBucketBody::default()
                };
                client.create_bucket(&body).await
            }
        });
        one_won(&answers.await);
        let channels = arena.admin().list_channels(&name).await.expect("channels");
        assert_eq!(channels.channels.len(), 1);
    }
    assert_eq!(arena.events("bucket.created").await.len(), ROUNDS);
}

#[tokio::test]
async fn a_bucket_created_by_many_is_there_once() {
    creation(&Arena::one().await).await;
}

#[tokio::test]
async fn a_bucket_created_by_many_on_two_nodes_is_there_once() {
    if let Some(arena) = Arena::two().await {
        creation(&arena).await;
    }
}

/// A bucket goes while versions are created in it: they were in time, or the bucket does not exist.
async fn deletion(arena: &Arena) {
    let admin = arena.admin();
    for round in 0..ROUNDS {
        admin.bucket("alpine").await;
        let answers = arena.together(CALLERS, |client, index| async move {
            if index == CALLERS / 2 {
                return outcome(&client.delete_bucket("alpine").await);
            }
            let body = CreateVersionBody {
                fingerprint: format!("f{round}-{index}"),
                template_type: None,
            };
            outcome(&client.create_version("alpine", &body).await)
        });
        let answers = answers.await;
        assert_eq!(answers[CALLERS / 2], "ok");
        let known = |answer: &String| ["ok", "404/5"].contains(&answer.as_str());
        assert!(answers.iter().all(known), "{answers:?}");
        assert_eq!(outcome(&admin.get_bucket("alpine").await), "404/5");
    }
}

#[tokio::test]
async fn a_bucket_deleted_under_its_writers_is_gone() {
    deletion(&Arena::one().await).await;
}

#[tokio::test]
async fn a_bucket_deleted_under_writers_on_two_nodes_is_gone() {
    if let Some(arena) = Arena::two().await {
        deletion(&arena).await;
    }
}
