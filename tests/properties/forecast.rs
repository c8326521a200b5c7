//! The preview of a revocation of many versions, in worlds that random sequences have left: what it shows is what
//! happens, to channels and to versions, and nothing else does.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use proptest::prelude::*;
use touchmark_client::Page;
use touchmark_tests::{
    invariants,
    wire::{
        revocation::{NamedVersion, RevocationAnswer, RevocationBody, VersionKey},
        version::VersionStatus::{self, RevocationScheduled, Revoked},
    },
};

use crate::{
    model::Model,
    operation::{BUCKETS, FINGERPRINTS, Operation, sequences},
    player::Player,
};

/// What is tried in a world.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    world: Vec<Vec<Operation>>,
    /// Which of the versions are revoked, in their order.
    chosen: Vec<bool>,
    skip_descendants: bool,
    disable_rollback: bool,
    scheduled: bool,
}

pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let flags = (any::<bool>(), any::<bool>(), any::<bool>());
    let chosen = prop::collection::vec(any::<bool>(), BUCKETS.len() * FINGERPRINTS.len());
    (sequences(), chosen, flags).prop_map(|(world, chosen, flags)| Case {
        world,
        chosen,
        skip_descendants: flags.0,
        disable_rollback: flags.1,
        scheduled: flags.2,
    })
}

/// A bucket and a version or channel of it.
type Place = (String, String);

/// Where versions stand, and what channels hold.
#[derive(Debug, Default)]
struct World {
    versions: BTreeMap<Place, VersionStatus>,
    channels: BTreeMap<Place, Option<String>>,
}

async fn look(player: &Player) -> World {
    let mut world = World::default();
    let page = Page::default();
    let buckets = player.client.list_buckets(&page).await.expect("buckets");
    for bucket in buckets.buckets {
        let place = |name: String| (bucket.name.clone(), name);
        let versions = player.client.list_versions(&bucket.name, &page).await;
        for version in versions.expect("versions").versions {
            let at = place(version.fingerprint);
            world.versions.insert(at, version.status);
        }
        let channels = player.client.list_channels(&bucket.name).await;
        for channel in channels.expect("channels").channels {
            let held = channel.version.map(|version| version.fingerprint);
            world.channels.insert(place(channel.name), held);
        }
    }
    world
}

fn body(case: &Case, world: &World) -> Option<RevocationBody> {
    let free = world
        .versions
        .iter()
        .filter(|(_, status)| **status != Revoked);
    let chosen = free.zip(&case.chosen).filter(|(_, chosen)| **chosen);
    let keys = chosen.map(|(((bucket, fingerprint), _), _)| VersionKey {
        bucket: bucket.clone(),
        fingerprint: fingerprint.clone(),
    });
    let versions: Vec<VersionKey> = keys.collect();
    (!versions.is_empty()).then(|| RevocationBody {
        versions: Some(versions),
        revoke_in: case.scheduled.then(|| "10d".to_owned()),
        skip_descendants: Some(case.skip_descendants),
        disable_rollback: Some(case.disable_rollback),
        ..RevocationBody::default()
    })
}

/// What channels hold when the moves of a preview are made.
fn foretold(world: &World, seen: &RevocationAnswer) -> BTreeMap<Place, Option<String>> {
    let fingerprint = |version: &NamedVersion| version.fingerprint.clone();
    let mut channels = world.channels.clone();
    for one in &seen.channels {
        let place = (one.bucket_name.clone(), one.channel_name.clone());
        let before = channels.insert(place, one.to.as_ref().map(fingerprint));
        assert_eq!(before, Some(Some(fingerprint(&one.from))));
    }
    channels
}

/// Which versions are revoked when all of a preview are.
fn revoked(world: &World, seen: &RevocationAnswer) -> BTreeSet<Place> {
    let before = world
        .versions
        .iter()
        .filter(|(_, status)| **status == Revoked);
    let mut all: BTreeSet<Place> = before.map(|(place, _)| place.clone()).collect();
    let targets = seen.targets.iter();
    all.extend(targets.map(|one| (one.bucket_name.clone(), one.fingerprint.clone())));
    let heirs = seen.descendants.iter();
    all.extend(heirs.map(|one| (one.bucket_name.clone(), one.fingerprint.clone())));
    all
}

pub(crate) async fn play(case: Case) -> Result<(), TestCaseError> {
    let mut player = Player::start().await;
    let mut model = Model::default();
    for operation in case.world.iter().flatten() {
        let before = model.clone();
        // What is refused is of no matter here.
        let _ = model.apply(operation);
        let _ = player.perform(operation, &before, &mut model).await;
        if let Operation::Advance(_) = operation {
            player.sign_in_again();
        }
    }
    // What has fallen due is not the doing of what comes now.
    player.server.run_jobs().await;
    let world = look(&player).await;
    let Some(mut body) = body(&case, &world) else {
        return Ok(());
    };
    let own = player.client.own();
    let seen = own.preview_revocation("", &body).await.expect("a preview");
    body.digest = Some(seen.digest.clone());
    let done = own.revoke_many("", &body).await.expect("a revocation");
    prop_assert_eq!(done.channels.len(), seen.channels.len());
    let mut after = look(&player).await;
    if case.scheduled {
        prop_assert_eq!(&after.channels, &world.channels);
        let others = world.versions.values();
        if others.clone().any(|status| *status == RevocationScheduled) {
            // They fall due earlier, and what then moves is not what was asked for.
            return Ok(());
        }
        player.server.advance(Duration::from_hours(240));
        player.sign_in_again();
        player.server.run_jobs().await;
        after = look(&player).await;
    }
    prop_assert_eq!(&after.channels, &foretold(&world, &seen));
    let now = after
        .versions
        .iter()
        .filter(|(_, status)| **status == Revoked);
    let now: BTreeSet<Place> = now.map(|(place, _)| place.clone()).collect();
    prop_assert_eq!(now, revoked(&world, &seen));
    let store = &player.server.state.store;
    let wrong = invariants::violations(store, player.server.clock.now()).await;
    prop_assert!(wrong.is_empty(), "{wrong:?}");
    Ok(())
}
