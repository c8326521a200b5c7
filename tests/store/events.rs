//! Every kind of change appends the events that are expected of it, and no others.

use insta::assert_snapshot;
use touchmark_tests::{
    RUN, Story, TestServer, done,
    wire::{
        bucket::UpdateBucketBody,
        build::{BuildStatus, UpdateBuildBody},
        channel::UpdateChannelBody,
        registry::UpdateRegistryBody,
        version::UpdateVersionBody,
    },
};

use crate::{
    look,
    story::{Watch, status},
};

#[tokio::test]
async fn the_first_start_records_what_it_makes() {
    let server = TestServer::start().await;
    let lines: Vec<String> = look::log(&server)
        .await
        .iter()
        .map(|event| {
            format!(
                "{} {} by {}",
                event.action, event.resource_name, event.actor_name
            )
        })
        .collect();
    assert_snapshot!(lines.join("\n"), @r"
    organization.created default by touchmark
    project.created default by touchmark
    registry.created default by touchmark
    principal.created admin by touchmark
    ");
    let server = server.restart().await;
    assert_eq!(
        look::log(&server).await.len(),
        lines.len(),
        "a second start changes nothing"
    );
}

#[tokio::test]
async fn buckets() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let mut watch = Watch::from_now(&server).await;
    admin.bucket("alpine").await;
    assert_snapshot!(watch.shown().await, @r"
    bucket.created alpine by admin
    channel.created latest by admin
    ");
    let described = UpdateBucketBody {
        description: Some("Small".to_owned()),
        ..UpdateBucketBody::default()
    };
    admin
        .update_bucket("alpine", &described)
        .await
        .expect("a change");
    assert_snapshot!(watch.shown().await, @"bucket.updated alpine by admin");
    admin
        .update_bucket("alpine", &described)
        .await
        .expect("no change");
    assert_eq!(watch.shown().await, "");
    admin.complete("alpine", "one").await;
    watch.news().await;
    admin.delete_bucket("alpine").await.expect("a deletion");
    assert_snapshot!(watch.shown().await, @"bucket.deleted alpine by admin");
}

#[tokio::test]
async fn versions_and_builds() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let mut watch = Watch::from_now(&server).await;
    admin.version("alpine", "one").await;
    assert_snapshot!(watch.shown().await, @"version.created one by admin");
    let id = admin.build("alpine", "one", "amazon-ebs.a").await;
    assert_snapshot!(watch.shown().await, @"build.created amazon-ebs.a by admin");
    let update = async |id: &str, body: UpdateBuildBody| {
        let answer = admin.update_build("alpine", "one", id, &body).await;
        answer.expect("a change of a build");
    };
    update(&id, status(BuildStatus::Running)).await;
    assert_snapshot!(watch.shown().await, @"build.started amazon-ebs.a by admin");
    update(&id, status(BuildStatus::Failed)).await;
    assert_snapshot!(watch.shown().await, @"build.failed amazon-ebs.a by admin");
    update(&id, status(BuildStatus::Cancelled)).await;
    assert_snapshot!(watch.shown().await, @"build.cancelled amazon-ebs.a by admin");
    let labelled = UpdateBuildBody {
        platform: "aws".to_owned(),
        packer_run_uuid: RUN.to_owned(),
        ..UpdateBuildBody::default()
    };
    update(&id, labelled).await;
    assert_snapshot!(watch.shown().await, @"build.updated amazon-ebs.a by admin");
    // The last build completes the version, and `latest` moves with it.
    update(&id, done("ami-1")).await;
    assert_snapshot!(watch.shown().await, @r"
    build.done amazon-ebs.a by admin
    version.completed one by admin
    channel.assigned latest by admin
    bucket.updated alpine by admin
    ");
    update(&id, done("ami-1")).await;
    assert_eq!(watch.shown().await, "", "an identical DONE is sent again");
}

#[tokio::test]
async fn completing_at_ones_word_and_deleting() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    let mut watch = Watch::from_now(&server).await;
    let complete = UpdateVersionBody {
        complete: true,
        ..UpdateVersionBody::default()
    };
    admin
        .update_version("alpine", "one", &complete)
        .await
        .expect("a complete version");
    assert_eq!(watch.shown().await, "", "it is complete already");
    admin.version("alpine", "two").await;
    let failed = admin.build("alpine", "two", "null.a").await;
    let good = admin.build("alpine", "two", "null.b").await;
    admin
        .update_build("alpine", "two", &good, &done("x"))
        .await
        .expect("a build");
    watch.news().await;
    admin
        .delete_build("alpine", "two", &failed)
        .await
        .expect("a deletion");
    assert_snapshot!(watch.shown().await, @r"
    build.deleted null.a by admin
    version.completed two by admin
    channel.assigned latest by admin
    ");
    admin
        .delete_version_and_roll_back("alpine", "two")
        .await
        .expect("a deletion");
    assert_snapshot!(watch.shown().await, @r"
    channel.assigned latest by admin
    version.deleted two by admin
    ");
}

#[tokio::test]
async fn heartbeats_append_nothing_and_change_nothing_but_themselves() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "one").await;
    let id = admin.build("alpine", "one", "null.a").await;
    let beat = status(BuildStatus::Running);
    admin
        .update_build("alpine", "one", &id, &beat)
        .await
        .expect("a build that runs");
    let mut watch = Watch::from_now(&server).await;
    let before = look::everything(&server).await;
    server.advance(std::time::Duration::from_mins(2));
    admin
        .update_build("alpine", "one", &id, &beat)
        .await
        .expect("a heartbeat");
    assert_eq!(watch.shown().await, "");
    let after = look::everything(&server).await;
    let changed: Vec<&String> = after.iter().filter(|row| !before.contains(row)).collect();
    assert!(
        changed.len() == 1 && changed[0].starts_with("builds: "),
        "{changed:?}"
    );
}

#[tokio::test]
async fn channels() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    let mut watch = Watch::from_now(&server).await;
    admin.channel("alpine", "empty", "").await;
    assert_snapshot!(watch.shown().await, @"channel.created empty by admin");
    admin.channel("alpine", "prod", "one").await;
    assert_snapshot!(watch.shown().await, @r"
    channel.created prod by admin
    channel.assigned prod by admin
    ");
    admin.assign("alpine", "prod", "one").await;
    assert_eq!(watch.shown().await, "", "it is there already");
    admin.assign("alpine", "prod", "").await;
    assert_snapshot!(watch.shown().await, @"channel.cleared prod by admin");
    let restricted = UpdateChannelBody {
        update_mask: Some("restricted".to_owned()),
        restricted: true,
        version_fingerprint: String::new(),
    };
    for _ in 0..2 {
        admin
            .update_channel("alpine", "prod", &restricted)
            .await
            .expect("a change");
    }
    assert_snapshot!(watch.shown().await, @"channel.updated prod by admin");
    admin
        .delete_channel("alpine", "prod")
        .await
        .expect("a deletion");
    assert_snapshot!(watch.shown().await, @"channel.deleted prod by admin");
}

#[tokio::test]
async fn the_registry() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let mut watch = Watch::from_now(&server).await;
    let off = UpdateRegistryBody {
        activated: false,
        update_mask: Some("activated".to_owned()),
        ..UpdateRegistryBody::default()
    };
    for _ in 0..2 {
        admin.update_registry(&off).await.expect("a change");
    }
    assert_snapshot!(watch.shown().await, @"registry.updated default by admin");
    admin.delete_registry().await.expect("a deletion");
    assert_snapshot!(watch.shown().await, @"registry.deleted default by admin");
}

#[tokio::test]
async fn builds_that_fell_silent_are_cancelled_by_the_registry_itself() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "one").await;
    let id = admin.build("alpine", "one", "null.a").await;
    let running = status(BuildStatus::Running);
    admin
        .update_build("alpine", "one", &id, &running)
        .await
        .expect("a build that runs");
    let mut watch = Watch::from_now(&server).await;
    server.advance(std::time::Duration::from_mins(16));
    assert_eq!(server.run_jobs().await, 1);
    let news = watch.news().await;
    assert_eq!(news.len(), 1);
    let event = &news[0];
    assert_eq!(
        (event.action.as_str(), event.actor_kind.as_str()),
        ("build.cancelled", "system")
    );
    assert!(
        event.payload.contains("no heartbeat for 900 s"),
        "{}",
        event.payload
    );
    assert!(
        event.payload.contains("\"artifacts\":[]"),
        "{}",
        event.payload
    );
}

#[tokio::test]
async fn a_new_principal_is_recorded_without_its_secret() {
    let server = TestServer::start().await;
    let mut watch = Watch::from_now(&server).await;
    server.builder().await;
    let news = watch.news().await;
    assert_eq!(news.len(), 1);
    assert_eq!(news[0].action, "principal.created");
    assert!(!news[0].payload.contains("digest") && !news[0].payload.contains("secret"));
}
