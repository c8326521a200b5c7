//! What the IAM policy of a bucket lets its members do.

use touchmark_client::Page;
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Client, Story, TestServer, refusal,
    wire::{policy::PolicyBinding, version::CreateVersionBody},
};

use crate::kit::{
    Steps as _, binding, bucket_named, bucket_resource, policy, revoke_in, second_project,
    service_principal, sign_in,
};

/// Buckets `alpine` and `debian`, each with the complete version `one`.
async fn buckets(server: &TestServer) {
    let admin = server.admin();
    for bucket in ["alpine", "debian"] {
        admin.bucket(bucket).await;
        admin.complete(bucket, "one").await;
    }
}

async fn set(server: &TestServer, bucket: &str, bindings: Vec<PolicyBinding>) {
    let name = bucket_resource(server, bucket);
    let answer = server.admin().set_iam_policy(&name, policy(bindings)).await;
    answer.expect("a new policy");
}

/// A principal of the project, thus its viewer: id and client.
async fn viewer(server: &TestServer, name: &str) -> (String, Client) {
    let parent = format!("project/{}", server.project.id);
    let id = service_principal(&server.admin(), &parent, name).await;
    (id, sign_in(server, name).await)
}

/// A principal of the organization that has no role anywhere: id and client.
async fn stranger(server: &TestServer) -> (String, Client) {
    let parent = format!("organization/{}", server.project.organization_id);
    let id = service_principal(&server.admin(), &parent, "stranger").await;
    (id, sign_in(server, "stranger").await)
}

fn new_version() -> CreateVersionBody {
    CreateVersionBody {
        fingerprint: "new".into(),
        template_type: None,
    }
}

#[tokio::test]
async fn a_viewer_of_the_project_records_in_the_bucket_that_it_is_builder_of_only() {
    let server = TestServer::start().await;
    buckets(&server).await;
    let (id, client) = viewer(&server, "ci").await;
    let answer = refusal(client.create_version("alpine", &new_version()).await);
    assert!(answer.starts_with("403/7"), "{answer}");
    set(&server, "alpine", vec![binding("roles/builder", &[&id])]).await;
    assert_eq!(client.complete("alpine", "two").await.name, "v2");
    let answer = refusal(client.create_version("debian", &new_version()).await);
    assert!(
        answer.starts_with("403/7") && answer.contains("has viewer"),
        "{answer}"
    );
    let answer = refusal(
        client
            .update_version("alpine", "one", &revoke_in("0s"))
            .await,
    );
    assert!(answer.contains("has builder"), "{answer}");
    client.look("debian", "one").await;
    let listed = client.list_buckets(&Page::default()).await.unwrap();
    assert_eq!(listed.buckets.len(), 2);
}

#[tokio::test]
async fn of_several_roles_the_highest_counts() {
    let server = TestServer::start().await;
    buckets(&server).await;
    let (id, client) = viewer(&server, "ci").await;
    let bindings = vec![
        binding("roles/contributor", &[&id]),
        binding("roles/viewer", &[&id]),
    ];
    set(&server, "alpine", bindings).await;
    client.channel("alpine", "prod", "one").await;
    client.see_channel("alpine", "latest").await;
    let answer = refusal(client.delete_bucket("alpine").await);
    assert!(answer.contains("has contributor"), "{answer}");
    set(&server, "alpine", vec![binding("roles/admin", &[&id])]).await;
    client.delete_bucket("alpine").await.unwrap();
}

#[tokio::test]
async fn a_role_on_a_bucket_lets_its_holder_into_the_project_of_the_bucket() {
    let server = TestServer::start().await;
    buckets(&server).await;
    let (id, client) = stranger(&server).await;
    assert!(refusal(client.get_bucket("alpine").await).starts_with("404/5 project"));
    set(&server, "alpine", vec![binding("roles/builder", &[&id])]).await;
    client.see_bucket("alpine").await;
    assert!(client.get_project(&server.project.id).await.is_ok());
    assert_eq!(client.complete("alpine", "two").await.name, "v2");
    for answer in [
        refusal(client.get_bucket("debian").await),
        refusal(client.get_version("debian", "one").await),
        refusal(client.list_buckets(&Page::default()).await),
        refusal(client.get_registry().await),
        refusal(client.create_bucket(&bucket_named("new")).await),
    ] {
        assert!(
            answer.starts_with("403/7") && answer.contains("has none"),
            "{answer}"
        );
    }
    let second = second_project(&server).await;
    let there = client.with_scope(&second.organization_id, &second.id);
    assert!(refusal(there.get_bucket("alpine").await).starts_with("404/5 project"));
}

#[tokio::test]
async fn old_packers_hear_that_the_bucket_exists_in_which_they_may_record() {
    let server = TestServer::start().await;
    buckets(&server).await;
    let (id, client) = stranger(&server).await;
    let (other, reader) = viewer(&server, "reader").await;
    let bindings = vec![
        binding("roles/builder", &[&id]),
        binding("roles/viewer", &[&other]),
    ];
    set(&server, "alpine", bindings).await;
    let create = async |client: &Client, name: &str| {
        refusal(client.create_bucket(&bucket_named(name)).await)
    };
    assert!(create(&client, "alpine").await.starts_with("409/6 bucket"));
    assert!(create(&client, "debian").await.starts_with("403/7"));
    assert!(create(&client, "new").await.starts_with("403/7"));
    assert!(create(&reader, "alpine").await.starts_with("403/7"));
}

#[tokio::test]
async fn who_is_not_in_the_policy_any_more_is_out_at_once() {
    let server = TestServer::start().await;
    buckets(&server).await;
    let (id, client) = stranger(&server).await;
    let (other, reader) = viewer(&server, "reader").await;
    set(&server, "alpine", vec![binding("roles/admin", &[&id])]).await;
    // A bucket's admin may hand on what it has, and give itself away.
    let name = bucket_resource(&server, "alpine");
    let handed = policy(vec![binding("roles/builder", &[&other])]);
    client.set_iam_policy(&name, handed).await.unwrap();
    assert!(refusal(client.get_bucket("alpine").await).starts_with("404/5 project"));
    reader.version("alpine", "two").await;
    set(&server, "alpine", vec![]).await;
    let answer = refusal(reader.create_version("alpine", &new_version()).await);
    assert!(answer.starts_with("403/7"), "{answer}");
    reader.see_bucket("alpine").await;
}

#[tokio::test]
async fn a_policy_takes_nothing_away_that_the_project_gives() {
    let server = TestServer::start().await;
    buckets(&server).await;
    let scope = Scope::Project(server.project.id.clone());
    let client = server.principal("decider", scope, Role::Contributor).await;
    let me = client.get_caller_identity().await.unwrap().principal;
    let me = me.unwrap().id;
    set(&server, "alpine", vec![binding("roles/viewer", &[&me])]).await;
    client.channel("alpine", "prod", "one").await;
}

#[tokio::test]
async fn a_role_ends_with_its_bucket_and_does_not_come_back_with_the_name() {
    let server = TestServer::start().await;
    buckets(&server).await;
    let (id, client) = stranger(&server).await;
    set(&server, "alpine", vec![binding("roles/admin", &[&id])]).await;
    client.delete_bucket("alpine").await.unwrap();
    server.admin().bucket("alpine").await;
    assert!(refusal(client.get_bucket("alpine").await).starts_with("404/5 project"));
}
