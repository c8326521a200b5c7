//! Channels that are assigned while the version is revoked.

use touchmark_tests::{
    Story,
    wire::{channel::UpdateChannelBody, version::UpdateVersionBody},
};

use crate::arena::{Arena, CALLERS, ROUNDS, outcome};

fn assignment(fingerprint: &str) -> UpdateChannelBody {
    UpdateChannelBody {
        update_mask: Some("versionFingerprint".to_owned()),
        version_fingerprint: fingerprint.to_owned(),
        restricted: false,
    }
}

/// Fifteen channels are given a version that is revoked in the same moment: none keeps it.
async fn race(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("alpine").await;
    for index in 0..CALLERS {
        admin.channel("alpine", &format!("c{index}"), "").await;
    }
    for round in 0..ROUNDS {
        let (good, bad) = (format!("good-{round}"), format!("bad-{round}"));
        admin.complete("alpine", &good).await;
        for index in 0..CALLERS {
            admin.assign("alpine", &format!("c{index}"), &good).await;
        }
        admin.complete("alpine", &bad).await;
        // Not always after the same number of assignments.
        let revoker = (round * 4) % CALLERS;
        let answers = arena.together(CALLERS, |client, index| {
            let bad = bad.clone();
            async move {
                if index == revoker {
                    let body = UpdateVersionBody {
                        revoke_in: "0s".into(),
                        ..UpdateVersionBody::default()
                    };
                    return outcome(&client.update_version("alpine", &bad, &body).await);
                }
                let channel = format!("c{index}");
                let body = assignment(&bad);
                outcome(&client.update_channel("alpine", &channel, &body).await)
            }
        });
        let answers = answers.await;
        assert_eq!(answers[revoker], "ok");
        let known = |answer: &String| ["ok", "400/9"].contains(&answer.as_str());
        assert!(answers.iter().all(known), "{answers:?}");
        assert_eq!(
            admin.look("alpine", &bad).await.status.as_str(),
            "VERSION_REVOKED"
        );
        for (index, answer) in answers.iter().enumerate() {
            let held = admin.held("alpine", &format!("c{index}")).await;
            assert_eq!(held, good, "c{index}, whose assignment was {answer}");
        }
        assert_eq!(admin.held("alpine", "latest").await, good);
    }
}

#[tokio::test]
async fn no_channel_holds_a_version_that_was_revoked_while_it_was_assigned() {
    race(&Arena::one().await).await;
}

#[tokio::test]
async fn no_channel_holds_a_version_that_another_node_revoked_while_it_was_assigned() {
    if let Some(arena) = Arena::two().await {
        race(&arena).await;
    }
}

/// One channel is moved by sixteen hands: its history tells each move once, and ends where it is.
async fn moves(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("alpine").await;
    for index in 0..CALLERS {
        admin.complete("alpine", &format!("f{index}")).await;
    }
    for round in 0..ROUNDS {
        let channel = format!("c{round}");
        admin.channel("alpine", &channel, "").await;
        let answers = arena.together(CALLERS, |client, index| {
            let channel = channel.clone();
            async move {
                let body = assignment(&format!("f{index}"));
                outcome(&client.update_channel("alpine", &channel, &body).await)
            }
        });
        assert_eq!(answers.await, vec!["ok"; CALLERS]);
        let page = touchmark_client::Page::default();
        let history = admin.list_channel_assignment_history("alpine", &channel, &page);
        let history = history.await.expect("a history").history;
        let told: Vec<String> = history
            .into_iter()
            .filter_map(|row| row.version.map(|version| version.fingerprint))
            .collect();
        let mut each = told.clone();
        each.sort();
        each.dedup();
        assert_eq!((told.len(), each.len()), (CALLERS, CALLERS));
        assert_eq!(admin.held("alpine", &channel).await, told[0]);
    }
}

#[tokio::test]
async fn a_channel_moved_by_many_tells_each_move_once() {
    moves(&Arena::one().await).await;
}

#[tokio::test]
async fn a_channel_moved_by_many_on_two_nodes_tells_each_move_once() {
    if let Some(arena) = Arena::two().await {
        moves(&arena).await;
    }
}
