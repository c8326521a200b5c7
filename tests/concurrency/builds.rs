//! Builds of one version, registered and finished at once.

use touchmark_tests::{
    RUN, Story, done,
    wire::build::{BuildStatus, CreateBuildBody},
};

use crate::arena::{Arena, CALLERS, ROUNDS, all_well, one_won};

pub(crate) fn create(component: &str) -> CreateBuildBody {
    CreateBuildBody {
        component_type: component.to_owned(),
        packer_run_uuid: RUN.to_owned(),
        status: Some(BuildStatus::Unset),
        ..CreateBuildBody::default()
    }
}

/// Registers builds one after the other; gives their ids.
pub(crate) async fn registered(arena: &Arena, fingerprint: &str, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for index in 0..count {
        let name = format!("null.n{index}");
        ids.push(arena.admin().build("alpine", fingerprint, &name).await);
    }
    ids
}

/// Sixteen builds become done in the same moment: the version completes, once.
async fn completion(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("alpine").await;
    for round in 1..=ROUNDS {
        let fingerprint = format!("f{round}");
        admin.version("alpine", &fingerprint).await;
        let ids = registered(arena, &fingerprint, CALLERS).await;
        let answers = arena.together(CALLERS, |client, index| {
            let (fingerprint, id) = (fingerprint.clone(), ids[index].clone());
            async move {
                let body = done(&format!("ami-{index}"));
                client
                    .update_build("alpine", &fingerprint, &id, &body)
                    .await
            }
        });
        all_well(&answers.await);
        let version = admin.look("alpine", &fingerprint).await;
        assert_eq!(version.name, format!("v{round}"));
        assert_eq!(version.status.as_str(), "VERSION_ACTIVE");
        assert_eq!(arena.events("version.completed").await.len(), round);
        assert_eq!(arena.events("build.done").await.len(), round * CALLERS);
        let page = touchmark_client::Page::default();
        let history = admin.list_channel_assignment_history("alpine", "latest", &page);
        let history = history.await.expect("a history").history;
        assert_eq!(history.len(), round, "latest moved once for each version");
        let held = history[0]
            .version
            .as_ref()
            .map(|version| version.fingerprint.as_str());
        assert_eq!(held, Some(fingerprint.as_str()));
    }
}

#[tokio::test]
async fn builds_done_at_once_complete_the_version_once() {
    completion(&Arena::one().await).await;
}

#[tokio::test]
async fn builds_done_at_once_on_two_nodes_complete_the_version_once() {
    if let Some(arena) = Arena::two().await {
        completion(&arena).await;
    }
}

/// Sixteen builds are registered in the same moment, and then all of them again.
async fn registration(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("alpine").await;
    for round in 0..ROUNDS {
        let fingerprint = format!("f{round}");
        admin.version("alpine", &fingerprint).await;
        for again in [false, true] {
            let answers = arena.together(CALLERS, |client, index| {
                let fingerprint = fingerprint.clone();
                async move {
                    let body = create(&format!("null.n{index}"));
                    client.create_build("alpine", &fingerprint, &body).await
                }
            });
            let answers = answers.await;
            if again {
                let well = answers.iter().filter(|answer| answer.is_ok()).count();
                assert_eq!(well, 0, "each was there already");
            } else {
                all_well(&answers);
            }
        }
        let version = admin.look("alpine", &fingerprint).await;
        let mut names: Vec<&str> = version
            .builds
            .iter()
            .map(|build| build.component_type.as_str())
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!((version.builds.len(), names.len()), (CALLERS, CALLERS));
    }
}

#[tokio::test]
async fn builds_registered_at_once_are_all_there() {
    registration(&Arena::one().await).await;
}

#[tokio::test]
async fn builds_registered_at_once_on_two_nodes_are_all_there() {
    if let Some(arena) = Arena::two().await {
        registration(&arena).await;
    }
}

/// One component is registered sixteen times.
async fn duplicates(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("alpine").await;
    for round in 0..ROUNDS {
        let fingerprint = format!("f{round}");
        admin.version("alpine", &fingerprint).await;
        let answers = arena.together(CALLERS, |client, _| {
            let fingerprint = fingerprint.clone();
            async move {
                client
                    .create_build("alpine", &fingerprint, &create("null.x"))
                    .await
            }
        });
        one_won(&answers.await);
        assert_eq!(admin.look("alpine", &fingerprint).await.builds.len(), 1);
    }
}

#[tokio::test]
async fn one_component_registered_by_many_is_there_once() {
    duplicates(&Arena::one().await).await;
}

#[tokio::test]
async fn one_component_registered_by_many_on_two_nodes_is_there_once() {
    if let Some(arena) = Arena::two().await {
        duplicates(&arena).await;
    }
}
