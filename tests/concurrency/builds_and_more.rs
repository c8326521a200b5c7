//! A build that ends while something else happens to its version.

use touchmark_tests::{
    RUN, Story, done,
    wire::build::{BuildStatus, UpdateBuildBody},
};

use crate::{
    arena::{Arena, CALLERS, ROUNDS, all_well, outcome},
    builds::{create, registered},
};

/// The only build becomes done while others are registered: a complete version has no open build.
async fn newcomers(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("alpine").await;
    for round in 0..ROUNDS {
        let fingerprint = format!("f{round}");
        admin.version("alpine", &fingerprint).await;
        let ids = registered(arena, &fingerprint, 1).await;
        let answers = arena.together(CALLERS, |client, index| {
            let (fingerprint, id) = (fingerprint.clone(), ids[0].clone());
            async move {
                if index == CALLERS / 2 {
                    let body = done("ami");
                    let answer = client.update_build("alpine", &fingerprint, &id, &body);
                    return outcome(&answer.await);
                }
                let body = create(&format!("late.n{index}"));
                outcome(&client.create_build("alpine", &fingerprint, &body).await)
            }
        });
        let answers = answers.await;
        assert_eq!(answers[CALLERS / 2], "ok");
        let joined = answers.iter().filter(|answer| *answer == "ok").count() - 1;
        let refused = answers.iter().filter(|answer| *answer == "400/9").count();
        assert_eq!(joined + refused, CALLERS - 1, "{answers:?}");
        let version = admin.look("alpine", &fingerprint).await;
        assert_eq!(version.builds.len(), joined + 1);
        if joined == 0 {
            assert_ne!(version.name, "v0");
        } else {
            assert_eq!(version.name, "v0", "{joined} builds are not done");
        }
    }
}

#[tokio::test]
async fn a_version_does_not_complete_past_a_build_that_is_being_registered() {
    newcomers(&Arena::one().await).await;
}

#[tokio::test]
async fn a_version_does_not_complete_past_a_build_that_another_node_is_registering() {
    if let Some(arena) = Arena::two().await {
        newcomers(&arena).await;
    }
}

/// Half of the builds become done, the other half are deleted: whoever is last completes the version.
async fn removals(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("alpine").await;
    for round in 1..=ROUNDS {
        let fingerprint = format!("f{round}");
        admin.version("alpine", &fingerprint).await;
        let ids = registered(arena, &fingerprint, CALLERS).await;
        let answers = arena.together(CALLERS, |client, index| {
            let (fingerprint, id) = (fingerprint.clone(), ids[index].clone());
            async move {
                // In fours, so that both kinds go to both nodes.
                if index % 4 < 2 {
                    let body = done("ami");
                    let answer = client.update_build("alpine", &fingerprint, &id, &body);
                    answer.await.map(drop)
                } else {
                    let answer = client.delete_build("alpine", &fingerprint, &id);
                    answer.await.map(drop)
                }
            }
        });
        all_well(&answers.await);
        let version = admin.look("alpine", &fingerprint).await;
        assert_eq!(version.name, format!("v{round}"));
        assert_eq!(version.builds.len(), CALLERS / 2);
        assert_eq!(arena.events("version.completed").await.len(), round);
    }
}

#[tokio::test]
async fn builds_done_and_deleted_at_once_complete_the_version_once() {
    removals(&Arena::one().await).await;
}

#[tokio::test]
async fn builds_done_and_deleted_at_once_on_two_nodes_complete_the_version_once() {
    if let Some(arena) = Arena::two().await {
        removals(&arena).await;
    }
}

/// Heartbeats and repeated results of one build arrive together: it is done, once.
async fn heartbeats(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("alpine").await;
    let beat = UpdateBuildBody {
        status: Some(BuildStatus::Running),
        packer_run_uuid: RUN.to_owned(),
        ..UpdateBuildBody::default()
    };
    for round in 1..=ROUNDS {
        let fingerprint = format!("f{round}");
        admin.version("alpine", &fingerprint).await;
        let id = registered(arena, &fingerprint, 1).await.remove(0);
        let running = admin.update_build("alpine", &fingerprint, &id, &beat).await;
        running.expect("a running build");
        let answers = arena.together(CALLERS, |client, index| {
            let (fingerprint, id, beat) = (fingerprint.clone(), id.clone(), beat.clone());
            async move {
                let body = if index % 4 < 2 { beat } else { done("ami") };
                client
                    .update_build("alpine", &fingerprint, &id, &body)
                    .await
            }
        });
        all_well(&answers.await);
        let version = admin.look("alpine", &fingerprint).await;
        assert_eq!(version.name, format!("v{round}"));
        assert_eq!(version.builds[0].status.as_str(), "BUILD_DONE");
        assert_eq!(version.builds[0].artifacts.len(), 1);
        assert_eq!(arena.events("build.done").await.len(), round);
    }
}

#[tokio::test]
async fn heartbeats_and_resent_results_at_once_leave_one_result() {
    heartbeats(&Arena::one().await).await;
}

#[tokio::test]
async fn heartbeats_and_resent_results_at_once_on_two_nodes_leave_one_result() {
    if let Some(arena) = Arena::two().await {
        heartbeats(&arena).await;
    }
}
