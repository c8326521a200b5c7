//! Parents that are revoked or restored while their children are being recorded.

use touchmark_tests::{
    Client, Error, Story, done,
    wire::{
        build::UpdateBuildBody,
        revocation::{RevocationBody, VersionKey},
        version::{UpdateVersionBody, Version},
    },
};

use crate::arena::{Arena, CALLERS, ROUNDS, all_well, outcome};

/// A build of an incomplete version.
#[derive(Clone)]
struct Open {
    bucket: String,
    fingerprint: String,
    build: String,
}

/// A parent, and versions that wait for their build to be done, in four buckets.
async fn family(arena: &Arena, round: usize) -> (Version, Vec<Open>) {
    let admin = arena.admin();
    if round == 0 {
        for name in ["base", "child-0", "child-1", "child-2", "child-3"] {
            admin.bucket(name).await;
        }
    }
    let parent = admin.complete("base", &format!("p{round}")).await;
    let mut open = Vec::new();
    for index in 0..CALLERS {
        let bucket = format!("child-{}", (index / 2) % 4);
        let fingerprint = format!("c{round}-{index}");
        admin.version(&bucket, &fingerprint).await;
        let build = admin.build(&bucket, &fingerprint, "null.x").await;
        open.push(Open {
            bucket,
            fingerprint,
            build,
        });
    }
    (parent, open)
}

fn from_parent(parent_id: &str) -> UpdateBuildBody {
    UpdateBuildBody {
        parent_version_id: parent_id.to_owned(),
        ..done("ami")
    }
}

fn revocation() -> UpdateVersionBody {
    UpdateVersionBody {
        revoke_in: "0s".into(),
        ..UpdateVersionBody::default()
    }
}

/// Something that is done to parents while children are recorded.
#[derive(Clone)]
enum Change {
    One(String, UpdateVersionBody),
    Many(RevocationBody),
}

impl Change {
    async fn perform(&self, client: &Client) -> Result<(), Error> {
        match self {
            Self::One(fingerprint, body) => {
                let answer = client.update_version("base", fingerprint, body).await;
                answer.map(drop)
            }
            Self::Many(body) => client.own().revoke_many("", body).await.map(drop),
        }
    }
}

/// The versions of `base` with these fingerprints.
fn named(fingerprints: &[&str]) -> RevocationBody {
    let key = |fingerprint: &&str| VersionKey {
        bucket: "base".into(),
        fingerprint: (*fingerprint).to_owned(),
    };
    RevocationBody {
        versions: Some(fingerprints.iter().map(key).collect()),
        ..RevocationBody::default()
    }
}

/// What the race did to the versions of the children.
async fn states(arena: &Arena, open: &[Open]) -> Vec<String> {
    let mut states = Vec::new();
    for one in open {
        let version = arena.admin().look(&one.bucket, &one.fingerprint).await;
        assert_ne!(version.name, "v0", "it is complete in either case");
        states.push(version.status.as_str().to_owned());
    }
    states
}

/// Records the children of `parents` and changes the first parent, all at once.
async fn record(arena: &Arena, parents: &[String], open: &[Open], change: Change) {
    // The change comes somewhere in the middle.
    let middle = CALLERS / 2;
    let answers = arena.together(CALLERS + 1, |client, index| {
        let change = change.clone();
        let child = if index > middle { index - 1 } else { index };
        let child = (index != middle).then(|| (open[child].clone(), parents[child].clone()));
        async move {
            let Some((one, parent)) = child else {
                return change.perform(&client).await;
            };
            let body = from_parent(&parent);
            let answer = client.update_build(&one.bucket, &one.fingerprint, &one.build, &body);
            answer.await.map(drop)
        }
    });
    all_well(&answers.await);
}

/// Sixteen children are recorded while their parent is revoked: none escapes, no channel keeps one.
async fn children(arena: &Arena) {
    for round in 0..ROUNDS {
        let (parent, open) = family(arena, round).await;
        let parents = vec![parent.id.clone(); CALLERS];
        let change = Change::One(parent.fingerprint.clone(), revocation());
        record(arena, &parents, &open, change).await;
        assert_eq!(states(arena, &open).await, ["VERSION_REVOKED"; CALLERS]);
        for name in ["base", "child-0", "child-1", "child-2", "child-3"] {
            let held = arena.admin().held(name, "latest").await;
            assert_eq!(held, "", "latest of {name} holds a revoked version");
        }
    }
}

/// The same with two parents that are revoked by one call, of which each has half of the children.
async fn children_of_many(arena: &Arena) {
    for round in 0..ROUNDS {
        let (parent, open) = family(arena, round).await;
        let other = arena.admin().complete("base", &format!("q{round}")).await;
        let both = [parent.id.clone(), other.id.clone()];
        let parents: Vec<String> = both.iter().cycle().take(CALLERS).cloned().collect();
        let many = named(&[&parent.fingerprint, &other.fingerprint]);
        record(arena, &parents, &open, Change::Many(many)).await;
        assert_eq!(states(arena, &open).await, ["VERSION_REVOKED"; CALLERS]);
        for name in ["base", "child-0", "child-1", "child-2", "child-3"] {
            let held = arena.admin().held(name, "latest").await;
            assert_eq!(held, "", "latest of {name} holds a revoked version");
        }
    }
}

#[tokio::test]
async fn no_child_escapes_the_revocation_of_many() {
    children_of_many(&Arena::one().await).await;
}

#[tokio::test]
async fn no_child_escapes_the_revocation_of_many_from_another_node() {
    if let Some(arena) = Arena::two().await {
        children_of_many(&arena).await;
    }
}

/// Overlapping selections are revoked by many at once: each version once, all of a selection or none.
async fn revokers_of_many(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("base").await;
    for round in 0..ROUNDS {
        let name = |which: usize| format!("v{round}-{}", which % 4);
        for which in 0..4 {
            admin.complete("base", &name(which)).await;
        }
        let answers = arena.together(CALLERS, |client, index| {
            let body = named(&[&name(index), &name(index + 1)]);
            async move { outcome(&client.own().revoke_many("", &body).await) }
        });
        let answers = answers.await;
        let won = answers.iter().filter(|answer| *answer == "ok").count();
        let lost = answers.iter().filter(|answer| *answer == "400/9").count();
        assert_eq!(won + lost, CALLERS, "{answers:?}");
        // Two neighbours of four, and perhaps the two others.
        assert!(won == 1 || won == 2, "{answers:?}");
        let mut revoked = 0;
        for which in 0..4 {
            let version = admin.look("base", &name(which)).await;
            revoked += usize::from(version.status.as_str() == "VERSION_REVOKED");
        }
        assert_eq!(revoked, 2 * won);
    }
}

#[tokio::test]
async fn selections_that_overlap_are_revoked_whole_or_not_at_all() {
    revokers_of_many(&Arena::one().await).await;
}

#[tokio::test]
async fn selections_that_overlap_on_two_nodes_are_revoked_whole_or_not_at_all() {
    if let Some(arena) = Arena::two().await {
        revokers_of_many(&arena).await;
    }
}

#[tokio::test]
async fn no_child_escapes_a_revocation_that_comes_while_it_is_recorded() {
    children(&Arena::one().await).await;
}

#[tokio::test]
async fn no_child_escapes_a_revocation_that_comes_from_another_node() {
    if let Some(arena) = Arena::two().await {
        children(&arena).await;
    }
}

/// The same with a chain: each child names the one before it as its parent, all at once.
async fn chain(arena: &Arena) {
    for round in 0..ROUNDS {
        let (parent, open) = family(arena, round).await;
        let mut parents = vec![parent.id.clone()];
        for one in &open[..CALLERS - 1] {
            parents.push(arena.admin().look(&one.bucket, &one.fingerprint).await.id);
        }
        let change = Change::One(parent.fingerprint.clone(), revocation());
        record(arena, &parents, &open, change).await;
        assert_eq!(states(arena, &open).await, ["VERSION_REVOKED"; CALLERS]);
        let last = &open[CALLERS - 1];
        let last = arena.admin().look(&last.bucket, &last.fingerprint).await;
        let from = last.revocation_inherited_from.expect("an ancestor");
        assert_eq!(from.version_id, parent.id, "inherited over fifteen steps");
    }
}

#[tokio::test]
async fn no_link_of_a_chain_escapes_a_revocation() {
    chain(&Arena::one().await).await;
}

#[tokio::test]
async fn no_link_of_a_chain_escapes_a_revocation_from_another_node() {
    if let Some(arena) = Arena::two().await {
        chain(&arena).await;
    }
}

/// Children are recorded while their revoked parent is restored: none stays behind, revoked.
async fn restoring(arena: &Arena) {
    for round in 0..ROUNDS {
        let (parent, open) = family(arena, round).await;
        let body = revocation();
        let revoked = arena
            .admin()
            .update_version("base", &parent.fingerprint, &body);
        revoked.await.expect("a revocation");
        let parents = vec![parent.id.clone(); CALLERS];
        let restore = UpdateVersionBody {
            restore: true,
            ..UpdateVersionBody::default()
        };
        let change = Change::One(parent.fingerprint, restore);
        record(arena, &parents, &open, change).await;
        assert_eq!(states(arena, &open).await, ["VERSION_ACTIVE"; CALLERS]);
    }
}

#[tokio::test]
async fn no_child_stays_revoked_when_its_parent_is_restored_while_it_is_recorded() {
    restoring(&Arena::one().await).await;
}

#[tokio::test]
async fn no_child_stays_revoked_when_another_node_restores_its_parent() {
    if let Some(arena) = Arena::two().await {
        restoring(&arena).await;
    }
}

/// A parent is revoked by many at once: once, and the others are refused.
async fn revokers(arena: &Arena) {
    let admin = arena.admin();
    admin.bucket("base").await;
    for round in 0..ROUNDS {
        let parent = admin.complete("base", &format!("p{round}")).await;
        let answers = arena.together(CALLERS, |client, _| {
            let fingerprint = parent.fingerprint.clone();
            async move {
                let body = revocation();
                outcome(&client.update_version("base", &fingerprint, &body).await)
            }
        });
        let mut answers = answers.await;
        answers.sort();
        let mut expected = vec!["400/9".to_owned(); CALLERS - 1];
        expected.push("ok".into());
        assert_eq!(answers, expected);
        assert_eq!(arena.events("version.revoked").await.len(), round + 1);
    }
}

#[tokio::test]
async fn a_version_revoked_by_many_is_revoked_once() {
    revokers(&Arena::one().await).await;
}

#[tokio::test]
async fn a_version_revoked_by_many_on_two_nodes_is_revoked_once() {
    if let Some(arena) = Arena::two().await {
        revokers(&arena).await;
    }
}
