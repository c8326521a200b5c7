//! Who may do what: refusals inside one's own project name the missing role.

use touchmark_client::Page;
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Client, Story, TestServer, done, refusal,
    wire::{
        bucket::UpdateBucketBody,
        build::{BuildStatus, CreateBuildBody},
        channel::{AssignChannelVersionBody, CreateChannelBody},
        version::{CreateVersionBody, UpdateVersionBody},
    },
};

use crate::kit::{Steps as _, bucket_named, is, masked, restore, revoke_in};

/// Bucket `alpine` with the complete version `one`, the open `two` with a build, and channel `prod`.
async fn alpine(server: &TestServer) -> String {
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin.version("alpine", "two").await;
    admin.channel("alpine", "prod", "").await;
    admin.build("alpine", "two", "a").await
}

/// What comes of everything that records.
async fn recording(client: &Client, build: &str) -> Vec<String> {
    let version = CreateVersionBody {
        fingerprint: "new".into(),
        template_type: None,
    };
    let component = CreateBuildBody {
        component_type: "b".into(),
        ..CreateBuildBody::default()
    };
    let running = is(BuildStatus::Running);
    let complete = UpdateVersionBody {
        complete: true,
        ..UpdateVersionBody::default()
    };
    let update = UpdateBucketBody::default();
    vec![
        refusal(client.create_bucket(&bucket_named("new")).await),
        refusal(client.update_bucket("alpine", &update).await),
        refusal(client.create_version("alpine", &version).await),
        refusal(client.update_version("alpine", "one", &complete).await),
        refusal(client.create_build("alpine", "two", &component).await),
        refusal(client.update_build("alpine", "two", build, &running).await),
    ]
}

/// What comes of everything that decides.
async fn deciding(client: &Client, build: &str) -> Vec<String> {
    let channel = CreateChannelBody {
        name: "dev".into(),
        ..CreateChannelBody::default()
    };
    let assign = masked("versionFingerprint", "one", false);
    let copy = AssignChannelVersionBody {
        source_channel: "latest".into(),
        target_channel: "prod".into(),
    };
    vec![
        refusal(client.create_channel("alpine", &channel).await),
        refusal(client.update_channel("alpine", "prod", &assign).await),
        refusal(client.assign_channel_version("alpine", &copy).await),
        refusal(client.delete_channel("alpine", "prod").await),
        refusal(
            client
                .update_version("alpine", "one", &revoke_in("0s"))
                .await,
        ),
        refusal(client.update_version("alpine", "one", &restore()).await),
        refusal(client.delete_version("alpine", "one").await),
        refusal(client.delete_build("alpine", "two", build).await),
    ]
}

fn all_name(refusals: &[String], role: &str) {
    for refusal in refusals {
        assert!(refusal.starts_with("403/7"), "{refusal}");
        assert!(refusal.contains(&format!("the role {role}")), "{refusal}");
    }
}

#[tokio::test]
async fn a_viewer_reads() {
    let server = TestServer::start().await;
    let build = alpine(&server).await;
    let viewer = server.viewer().await;
    viewer.see_bucket("alpine").await;
    viewer.look("alpine", "one").await;
    viewer.see_build("alpine", "two", &build).await;
    viewer.see_channel("alpine", "prod").await;
    viewer.list_buckets(&Page::default()).await.unwrap();
    viewer
        .list_builds("alpine", "two", &Page::default())
        .await
        .unwrap();
    viewer.get_registry().await.unwrap();
}

#[tokio::test]
async fn a_viewer_cannot_record() {
    let server = TestServer::start().await;
    let build = alpine(&server).await;
    all_name(&recording(&server.viewer().await, &build).await, "builder");
}

#[tokio::test]
async fn a_viewer_cannot_decide() {
    let server = TestServer::start().await;
    let build = alpine(&server).await;
    all_name(
        &deciding(&server.viewer().await, &build).await,
        "contributor",
    );
}

#[tokio::test]
async fn a_builder_records() {
    let server = TestServer::start().await;
    let builder = server.builder().await;
    builder.bucket("alpine").await;
    let update = UpdateBucketBody::default();
    builder.update_bucket("alpine", &update).await.unwrap();
    let version = builder.complete("alpine", "one").await;
    assert_eq!(
        (version.name.as_str(), version.author_id.as_str()),
        ("v1", "builder")
    );
}

#[tokio::test]
async fn a_builder_cannot_decide() {
    let server = TestServer::start().await;
    let build = alpine(&server).await;
    all_name(
        &deciding(&server.builder().await, &build).await,
        "contributor",
    );
}

#[tokio::test]
async fn a_contributor_decides() {
    let server = TestServer::start().await;
    let build = alpine(&server).await;
    let contributor = server.contributor().await;
    contributor.channel("alpine", "dev", "one").await;
    contributor.assign("alpine", "prod", "one").await;
    contributor.see_channel("alpine", "latest").await;
    contributor.decide("alpine", "one", &revoke_in("1h")).await;
    contributor.decide("alpine", "one", &restore()).await;
    contributor
        .delete_build("alpine", "two", &build)
        .await
        .unwrap();
    contributor.delete_channel("alpine", "prod").await.unwrap();
    contributor.delete_channel("alpine", "dev").await.unwrap();
    contributor.delete_version("alpine", "one").await.unwrap();
}

#[tokio::test]
async fn nobody_below_an_admin_deletes_a_bucket() {
    let server = TestServer::start().await;
    alpine(&server).await;
    let mut refusals = Vec::new();
    for client in [
        server.viewer().await,
        server.builder().await,
        server.contributor().await,
    ] {
        refusals.push(refusal(client.delete_bucket("alpine").await));
    }
    all_name(&refusals, "admin");
    server.admin().see_bucket("alpine").await;
}

#[tokio::test]
async fn a_role_on_a_bucket_reaches_no_further() {
    let server = TestServer::start().await;
    alpine(&server).await;
    let admin = server.admin();
    admin.bucket("debian").await;
    let bucket = admin.see_bucket("alpine").await.id;
    let client = server
        .principal("narrow", Scope::Bucket(bucket), Role::Builder)
        .await;
    assert_eq!(client.complete("alpine", "three").await.name, "v2");
    let version = CreateVersionBody {
        fingerprint: "x".into(),
        template_type: None,
    };
    let elsewhere = client.create_version("debian", &version).await;
    all_name(&[refusal(elsewhere)], "builder");
    all_name(
        &[refusal(client.create_bucket(&bucket_named("new")).await)],
        "builder",
    );
    all_name(&[refusal(client.get_bucket("debian").await)], "viewer");
}

#[tokio::test]
async fn the_higher_of_two_roles_counts() {
    let server = TestServer::start().await;
    alpine(&server).await;
    let organization = Scope::Organization(server.project.organization_id.clone());
    let client = server.principal("wide", organization, Role::Builder).await;
    client.version("alpine", "three").await;
    let id = client.build("alpine", "three", "a").await;
    client.tell(("alpine", "three", &id), &done("x")).await;
    all_name(
        &[refusal(client.delete_version("alpine", "three").await)],
        "contributor",
    );
}

#[tokio::test]
async fn a_missing_bucket_is_missing_whatever_the_role() {
    let server = TestServer::start().await;
    let viewer = server.viewer().await;
    assert!(refusal(viewer.get_bucket("nope").await).starts_with("404/5"));
    assert!(refusal(viewer.delete_channel("nope", "x").await).starts_with("404/5"));
}
