//! What the preview of a revocation shows of those who descend from what is revoked.

use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Story as _, TestServer, refusal,
    wire::{
        revocation::RevocationBody,
        version::VersionStatus::{Active, RevocationScheduled, Revoked},
    },
};

use crate::{
    kit::{Steps as _, masked, revoke_in},
    revocation_inheritance::chain,
    revocation_preview::{confirm, key, moved, moves, named, preview, targets},
};

#[tokio::test]
async fn descendants_are_shown_with_whom_they_inherit_from() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    for (bucket, fingerprint) in [("base", "b"), ("mid", "m"), ("top", "t")] {
        admin.channel(bucket, "prod", fingerprint).await;
    }
    let seen = preview(&admin, &named(&["base/b"])).await;
    let heirs: Vec<String> = seen
        .descendants
        .iter()
        .map(|one| {
            format!(
                "{}/{} of {}",
                one.bucket_name,
                one.fingerprint,
                key(&one.inherits_from)
            )
        })
        .collect();
    assert_eq!(heirs, ["mid/m of base/b", "top/t of base/b"]);
    assert_eq!(seen.channels.len(), 6, "prod and latest of each");
    let regions: Vec<&str> = seen
        .artifacts
        .iter()
        .map(|one| one.external_identifier.as_str())
        .collect();
    assert_eq!(regions, ["b", "m", "t"]);
    assert_eq!(seen.artifacts_total, 3);
    let done = confirm(&admin, &named(&["base/b"]), &seen).await;
    assert!(done.descendants.iter().all(|one| one.status == Revoked));
    moved(&admin, &seen).await;
    let inherited = admin.look("top", "t").await.revocation_inherited_from;
    assert_eq!(inherited.expect("a source").version_fingerprint, "b");
}

#[tokio::test]
async fn a_descendant_that_is_a_target_is_a_target() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    let body = named(&["base/b", "mid/m"]);
    let seen = preview(&admin, &body).await;
    assert_eq!(targets(&seen), ["base/b", "mid/m"]);
    assert_eq!(seen.descendants.len(), 1);
    assert_eq!(seen.descendants[0].fingerprint, "t");
    confirm(&admin, &body, &seen).await;
    let mid = admin.look("mid", "m").await;
    assert_eq!(mid.revocation_inherited_from, None, "it has its own");
    moved(&admin, &seen).await;
}

#[tokio::test]
async fn descendants_may_be_spared() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    // Schedules that they had inherited are gone with the one that this takes the place of.
    admin.decide("base", "b", &revoke_in("9d")).await;
    let body = RevocationBody {
        skip_descendants: Some(true),
        ..named(&["base/b"])
    };
    let seen = preview(&admin, &body).await;
    assert!(seen.descendants.is_empty());
    assert_eq!(seen.targets[0].status, RevocationScheduled);
    assert_eq!(moves(&seen), ["base/latest: base/b → -"]);
    confirm(&admin, &body, &seen).await;
    let status = async |bucket, fingerprint| admin.look(bucket, fingerprint).await.status;
    assert_eq!(status("base", "b").await, Revoked);
    assert_eq!(status("mid", "m").await, Active);
    assert_eq!(status("top", "t").await, Active);
}

#[tokio::test]
async fn a_fallback_may_be_a_version_whose_schedule_is_taken_back() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let one = admin.complete("alpine", "one").await;
    admin.child("alpine", "two", &one, "").await;
    admin.complete("alpine", "three").await;
    admin.channel("alpine", "prod", "two").await;
    admin.assign("alpine", "prod", "three").await;
    admin.decide("alpine", "one", &revoke_in("9d")).await;
    let both = ["alpine/one", "alpine/three"];
    // `two` inherits the schedule of `one`, and is no good while it does.
    let seen = preview(&admin, &named(&["alpine/three"])).await;
    assert_eq!(moves(&seen)[1], "alpine/prod: alpine/three → -");
    let body = RevocationBody {
        skip_descendants: Some(true),
        ..named(&both)
    };
    let seen = preview(&admin, &body).await;
    assert_eq!(moves(&seen)[1], "alpine/prod: alpine/three → alpine/two");
    confirm(&admin, &body, &seen).await;
    moved(&admin, &seen).await;
}

#[tokio::test]
async fn a_restricted_channel_elsewhere_is_not_shown_to_whom_may_not_see_it() {
    let server = TestServer::start().await;
    let admin = chain(&server).await;
    admin.channel("mid", "hidden", "m").await;
    let restrict = masked("restricted", "", true);
    let restricted = admin.update_channel("mid", "hidden", &restrict).await;
    restricted.expect("a restricted channel");
    admin.channel("mid", "open", "m").await;
    let base = admin.see_bucket("base").await.id;
    let scope = Scope::Bucket(base);
    let role = Role::Contributor;
    let keeper = server.principal("keeper", scope, role).await;
    let seen = preview(&keeper, &named(&["base/b"])).await;
    assert_eq!(
        moves(&seen),
        ["base/latest: base/b → -", "mid/open: mid/m → -"]
    );
    confirm(&keeper, &named(&["base/b"]), &seen).await;
    assert_eq!(
        admin.held("mid", "hidden").await,
        "",
        "it moves all the same"
    );
    let other = named(&["mid/m"]);
    for refused in [
        keeper.own().preview_revocation("", &other).await,
        keeper.own().revoke_many("", &other).await,
    ] {
        assert!(refusal(refused).starts_with("403/7"));
    }
}
