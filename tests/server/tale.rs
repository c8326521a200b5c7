//! A long story in which every operation happens at least once.

use std::{collections::BTreeMap, time::Duration};

use touchmark_registry::{
    domain::role::Role,
    ops::{
        Access,
        principals::{self, Old},
    },
    store::principals::Scope,
};
use touchmark_tests::{
    Client, RUN, Story, TestServer, done,
    wire::{
        bucket::UpdateBucketBody,
        build::{BuildStatus, UpdateBuildBody},
        channel::UpdateChannelBody,
        registry::UpdateRegistryBody,
        version::UpdateVersionBody,
    },
};

/// What Packer says of a build in a state.
fn status(status: BuildStatus) -> UpdateBuildBody {
    UpdateBuildBody {
        status: Some(status),
        packer_run_uuid: RUN.to_owned(),
        ..UpdateBuildBody::default()
    }
}

/// A revocation in a while, such as `0s` or `1h`.
pub(crate) fn revoke(span: &str) -> UpdateVersionBody {
    UpdateVersionBody {
        revoke_in: span.to_owned(),
        revocation_message: "CVE-2026-1".to_owned(),
        ..UpdateVersionBody::default()
    }
}

fn sparing(span: &str) -> UpdateVersionBody {
    UpdateVersionBody {
        skip_descendants_revocation: true,
        ..revoke(span)
    }
}

fn restore() -> UpdateVersionBody {
    UpdateVersionBody {
        restore: true,
        ..UpdateVersionBody::default()
    }
}

async fn change(client: &Client, bucket: &str, fingerprint: &str, body: &UpdateVersionBody) {
    let changed = client.update_version(bucket, fingerprint, body).await;
    changed.expect("a changed version");
}

async fn report(
    client: &Client,
    (bucket, version, build): (&str, &str, &str),
    said: UpdateBuildBody,
) {
    let changed = client.update_build(bucket, version, build, &said).await;
    changed.expect("a changed build");
}

/// Tells the whole story on a server. Tokens end while it goes on, so each chapter signs in anew.
pub(crate) async fn everything(server: &TestServer) {
    family(server, &server.admin()).await;
    builds(server, &server.admin()).await;
    channels(&server.admin()).await;
    schedules(server, &server.admin()).await;
    revocations(&server.admin()).await;
    deletions(&server.admin()).await;
    principals(server, &server.admin()).await;
}

/// `base` has p1 to p4; `mid` has m1 from p2, m2 from p3; `leaf` has l1 from m1.
async fn family(server: &TestServer, admin: &Client) {
    for name in ["base", "mid", "leaf"] {
        admin.bucket(name).await;
        server.advance(Duration::from_millis(3));
    }
    let text = UpdateBucketBody {
        description: Some("Zoë's \"base\" 🐧".to_owned()),
        labels: Some(BTreeMap::from([("os".to_owned(), "linux".to_owned())])),
        ..UpdateBucketBody::default()
    };
    for _ in 0..2 {
        let changed = admin.update_bucket("base", &text).await;
        changed.expect("a changed bucket");
    }
    let mut base = Vec::new();
    for name in ["p1", "p2", "p3", "p4"] {
        base.push(admin.complete("base", name).await);
    }
    let prod = admin.channel("base", "prod", "p1").await;
    admin.assign("base", "prod", "p2").await;
    let m1 = admin.child("mid", "m1", &base[1], &prod).await;
    admin.child("mid", "m2", &base[2], "").await;
    admin.child("leaf", "l1", &m1, "").await;
    for (bucket, version) in [("mid", "m1"), ("leaf", "l1")] {
        admin.channel(bucket, "prod", version).await;
    }
}

async fn builds(server: &TestServer, admin: &Client) {
    admin.version("leaf", "open").await;
    let mut ids = Vec::new();
    for component in ["null.a", "null.b", "null.c", "null.d"] {
        ids.push(admin.build("leaf", "open", component).await);
    }
    let build = |index: usize| ("leaf", "open", ids[index].as_str());
    let early = UpdateBuildBody {
        artifacts: done("early").artifacts,
        labels: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
        ..status(BuildStatus::Running)
    };
    report(admin, build(0), early).await;
    report(admin, build(1), status(BuildStatus::Failed)).await;
    report(admin, build(2), done("image")).await;
    report(admin, build(2), done("image")).await;
    server.advance(Duration::from_mins(16));
    assert_eq!(server.run_jobs().await, 1, "one build fell silent");
    report(admin, build(0), status(BuildStatus::Running)).await;
    report(admin, build(0), status(BuildStatus::Running)).await;
    for index in [1, 3] {
        let deleted = admin.delete_build("leaf", "open", &ids[index]).await;
        deleted.expect("a deleted build");
    }
    report(admin, build(0), done("last")).await;
    // Of a complete version a build may go as well.
    let deleted = admin.delete_build("leaf", "open", &ids[2]).await;
    deleted.expect("a deleted build");
    // An empty one is left, and one whose last open build goes.
    admin.version("leaf", "empty").await;
    admin.version("leaf", "freed").await;
    let open = admin.build("leaf", "freed", "null.a").await;
    let other = admin.build("leaf", "freed", "null.b").await;
    report(admin, ("leaf", "freed", &other), done("freed")).await;
    let deleted = admin.delete_build("leaf", "freed", &open).await;
    deleted.expect("a deleted build");
}

async fn channels(admin: &Client) {
    admin.channel("base", "dev", "").await;
    admin.assign("base", "dev", "p3").await;
    admin.assign("base", "dev", "").await;
    admin.assign("base", "dev", "p4").await;
    let hide = UpdateChannelBody {
        restricted: true,
        update_mask: Some("restricted".to_owned()),
        ..UpdateChannelBody::default()
    };
    for name in ["dev", "latest"] {
        let changed = admin.update_channel("base", name, &hide).await;
        changed.expect("a changed channel");
    }
    admin.channel("base", "gone", "p1").await;
    let deleted = admin.delete_channel("base", "gone").await;
    deleted.expect("a deleted channel");
}

async fn schedules(server: &TestServer, admin: &Client) {
    // Scheduled with descendants, then again without, then due.
    change(admin, "base", "p2", &revoke("2h")).await;
    change(admin, "base", "p2", &sparing("1h")).await;
    server.advance(Duration::from_hours(3));
    server.run_jobs().await;
}

async fn revocations(admin: &Client) {
    // Recorded afterwards, so this inherits.
    let p2 = admin.look("base", "p2").await;
    admin.child("leaf", "late", &p2, "").await;
    // In force at once, with descendants, and channels that stay.
    let keep = UpdateVersionBody {
        disable_rollback_channels: true,
        ..revoke("0s")
    };
    change(admin, "mid", "m1", &keep).await;
    change(admin, "base", "p3", &revoke("0s")).await;
    change(admin, "base", "p3", &restore()).await;
    change(admin, "base", "p4", &revoke("0s")).await;
    // A child of a child of what is revoked.
    let m1 = admin.look("mid", "m1").await;
    admin.child("base", "circle", &m1, "").await;
    change(admin, "leaf", "freed", &revoke("9h")).await;
}

async fn deletions(admin: &Client) {
    // What it revoked stays revoked, until somebody restores that.
    let deleted = admin.delete_version("base", "p2").await;
    deleted.expect("a deleted version");
    change(admin, "leaf", "late", &restore()).await;
    admin.channel("base", "old", "p1").await;
    let deleted = admin.delete_version_and_roll_back("base", "p1").await;
    deleted.expect("a deleted version");
    admin.bucket("short").await;
    admin.complete("short", "only").await;
    admin
        .delete_bucket("short")
        .await
        .expect("a deleted bucket");
    for activated in [false, true] {
        let body = UpdateRegistryBody {
            activated,
            update_mask: Some("activated".to_owned()),
            ..UpdateRegistryBody::default()
        };
        let changed = admin.update_registry(&body).await;
        changed.expect("a changed registry");
    }
}

async fn principals(server: &TestServer, admin: &Client) {
    server.builder().await;
    let scope = Scope::Project(server.project.id.clone());
    server.principal("leaver", scope, Role::Viewer).await;
    let access = || Access::system(server.project.clone());
    let (store, now) = (&server.state.store, server.clock.now());
    for old in [Old::Overlaps, Old::EndsNow] {
        let change = ("leaver".to_owned(), old);
        let rotated = principals::rotate(store, access(), change, now).await;
        let id = rotated.expect("a new secret").principal.id;
        if old == Old::EndsNow {
            let gone = principals::delete(store, access().into(), id, now).await;
            gone.expect("a deleted principal");
        }
    }
    admin.complete("leaf", "end").await;
}
