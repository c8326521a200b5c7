//! What is refused of the IAM policy of a bucket: roles, principals and resources that are none, and callers.

use serde_json::json;
use touchmark_client::Method;
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Story, TestServer, refusal,
    wire::{paths, policy::MemberType},
};

use crate::{
    kit::{Steps as _, binding, bucket_resource, expect_events, policy, second_project},
    policies::{alpine, see, write},
};

#[tokio::test]
async fn roles_that_do_not_exist_are_refused() {
    let server = TestServer::start().await;
    let (name, one, _) = alpine(&server).await;
    let admin = server.admin();
    for role in ["", "admin", "roles/", "roles/owner", "roles/Admin"] {
        let bindings = vec![binding("roles/viewer", &[&one]), binding(role, &[&one])];
        let answer = refusal(admin.set_iam_policy(&name, policy(bindings)).await);
        let field = "400/3 body.policy.bindings[1].role_id: must be roles/viewer";
        assert!(answer.starts_with(field), "{answer}");
    }
    assert_eq!(see(&admin, &name).await.bindings, []);
    expect_events(&server, "policy.set", 0);
}

#[tokio::test]
async fn principals_that_do_not_exist_are_refused_by_name() {
    let server = TestServer::start().await;
    let (name, one, _) = alpine(&server).await;
    let admin = server.admin();
    let foreign = "01JD0000000000000000000000";
    let long = "y".repeat(5_000);
    for id in ["", "nobody", foreign, "a\0b", &long] {
        let bindings = vec![binding("roles/viewer", &[&one, id])];
        let answer = refusal(admin.set_iam_policy(&name, policy(bindings)).await);
        assert!(
            answer.starts_with("400/3 body.policy.bindings: no such principal"),
            "{answer}"
        );
        assert!(!answer.contains(&one) && answer.len() < 400, "{answer}");
    }
    for kind in [MemberType::Group, MemberType::User] {
        let mut bindings = vec![binding("roles/viewer", &[&one])];
        bindings[0].members[0].member_type = kind;
        let answer = refusal(admin.set_iam_policy(&name, policy(bindings)).await);
        assert!(
            answer.contains(&format!("({kind})")) && answer.starts_with("400/3"),
            "{answer}"
        );
    }
    assert_eq!(see(&admin, &name).await.bindings, []);
    expect_events(&server, "policy.set", 0);
}

#[tokio::test]
async fn a_policy_has_limits() {
    let server = TestServer::start().await;
    let (name, one, two) = alpine(&server).await;
    let admin = server.admin();
    let many = |members: usize| policy(vec![binding("roles/viewer", &vec![one.as_str(); members])]);
    let answer = refusal(admin.set_iam_policy(&name, many(1_001)).await);
    assert!(answer.starts_with("400/3 body.policy.bindings"), "{answer}");
    let bindings = vec![binding("roles/viewer", &[&two]); 101];
    let answer = refusal(admin.set_iam_policy(&name, policy(bindings)).await);
    assert!(answer.starts_with("400/3 body.policy.bindings"), "{answer}");
    let set = write(&admin, &name, many(1_000)).await;
    assert_eq!(set.bindings[0].members.len(), 1_000);
}

#[tokio::test]
async fn the_resource_is_a_bucket_that_exists() {
    let server = TestServer::start().await;
    alpine(&server).await;
    let admin = server.admin();
    let second = second_project(&server).await;
    let (project, organization) = (&server.project.id, &server.project.organization_id);
    for (name, expected) in [
        (String::new(), "400/3 body.resource_name"),
        ("alpine".to_owned(), "400/3 body.resource_name"),
        (
            format!("packer/project/{project}/bucket/"),
            "400/3 body.resource_name",
        ),
        (format!("project/{project}"), "501/12"),
        (format!("organization/{organization}"), "501/12"),
        (bucket_resource(&server, "none"), "404/5 bucket"),
        (
            format!("packer/project/{}/bucket/alpine", second.id),
            "404/5 bucket",
        ),
        (
            format!("packer/project/{organization}/bucket/alpine"),
            "404/5 project",
        ),
    ] {
        let answer = refusal(admin.set_iam_policy(&name, policy(vec![])).await);
        assert!(answer.starts_with(expected), "{name}: {answer}");
        let answer = refusal(admin.get_iam_policy(&name).await);
        let expected = expected.replace("body", "query");
        assert!(answer.starts_with(&expected), "{name}: {answer}");
    }
    let body = json!({"resource_name": bucket_resource(&server, "alpine")});
    let answer = admin
        .send(Method::PUT, paths::IAM_POLICY, Some(&body))
        .await;
    let answer = String::from_utf8(answer.unwrap().body).unwrap();
    assert!(answer.contains("body.policy: is required"), "{answer}");
}

#[tokio::test]
async fn only_an_admin_of_the_bucket_sees_and_writes_it() {
    let server = TestServer::start().await;
    let (name, ..) = alpine(&server).await;
    server.admin().bucket("debian").await;
    for client in [
        server.viewer().await,
        server.builder().await,
        server.contributor().await,
    ] {
        for answer in [
            refusal(client.get_iam_policy(&name).await),
            refusal(client.set_iam_policy(&name, policy(vec![])).await),
        ] {
            assert!(
                answer.starts_with("403/7") && answer.contains("the role admin"),
                "{answer}"
            );
        }
    }
    let bucket = server.admin().see_bucket("alpine").await.id;
    let local = server
        .principal("local", Scope::Bucket(bucket), Role::Admin)
        .await;
    assert!(local.get_iam_policy(&name).await.is_ok());
    let other = bucket_resource(&server, "debian");
    assert!(refusal(local.get_iam_policy(&other).await).starts_with("403/7"));
    assert!(refusal(local.set_iam_policy(&other, policy(vec![])).await).starts_with("403/7"));
    expect_events(&server, "policy.set", 0);
}
