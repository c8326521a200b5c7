//! Service principals as the protocol makes, shows and deletes them.

use insta::assert_snapshot;
use touchmark_client::{Method, Page};
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Client, Story, TestServer, refusal, shown,
    wire::{
        paths,
        service_principal::{CreateServicePrincipalBody, GetServicePrincipalResponse, KeyState},
    },
};

use crate::kit::{bucket_named, expect_events, second_project, service_principal, sign_in};

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

fn project(server: &TestServer) -> String {
    format!("project/{}", server.project.id)
}

fn organization(server: &TestServer) -> String {
    format!("organization/{}", server.project.organization_id)
}

async fn create(client: &Client, parent: &str, name: &str) -> String {
    let body = CreateServicePrincipalBody {
        name: name.to_owned(),
    };
    refusal(client.create_service_principal(parent, &body).await)
}

async fn see(client: &Client, name: &str) -> GetServicePrincipalResponse {
    client.get_service_principal(name).await.expect("an answer")
}

#[tokio::test]
async fn one_that_is_made_names_its_project() {
    let server = TestServer::start().await;
    let path = paths::service_principals(&project(&server));
    let body = serde_json::json!({"name": "ci"});
    let admin = server.admin();
    let answer = admin.send(Method::POST, &path, Some(&body)).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "service_principal": {
        "created_at": "<time>",
        "id": "<ulid>",
        "managed_by": "",
        "name": "ci",
        "organization_id": "<uuid>",
        "project_id": "<uuid>",
        "resource_name": "iam/project/<uuid>/service-principal/ci"
      }
    }
    "#);
    let name = format!("iam/{}/service-principal/ci", project(&server));
    let found = see(&admin, &name).await;
    assert_eq!(found.service_principal.unwrap().resource_name, name);
    assert_eq!(found.keys, [], "it has no secret yet");
    expect_events(&server, "principal.created", 2);
}

#[tokio::test]
async fn one_of_a_project_starts_as_its_viewer() {
    let server = TestServer::start().await;
    service_principal(&server.admin(), &project(&server), "ci").await;
    let client = sign_in(&server, "ci").await;
    client.list_buckets(&Page::default()).await.unwrap();
    let answer = refusal(client.create_bucket(&bucket_named("alpine")).await);
    assert!(
        answer.starts_with("403/7") && answer.contains("has viewer"),
        "{answer}"
    );
    let second = second_project(&server).await;
    let there = client.with_scope(&second.organization_id, &second.id);
    assert!(refusal(there.list_buckets(&Page::default()).await).starts_with("404/5"));
}

#[tokio::test]
async fn one_of_the_organization_starts_without_a_role() {
    let server = TestServer::start().await;
    let parent = organization(&server);
    service_principal(&server.admin(), &parent, "wide").await;
    let name = format!("iam/{parent}/service-principal/wide");
    let found = see(&server.admin(), &name).await.service_principal.unwrap();
    assert_eq!(
        (found.resource_name, found.project_id),
        (name, String::new())
    );
    let client = sign_in(&server, "wide").await;
    assert!(client.get_caller_identity().await.is_ok());
    assert!(refusal(client.list_buckets(&Page::default()).await).starts_with("404/5"));
    assert!(refusal(client.get_project(&server.project.id).await).starts_with("404/5"));
}

#[tokio::test]
async fn its_keys_are_its_live_secrets() {
    let server = TestServer::start().await;
    service_principal(&server.admin(), &project(&server), "ci").await;
    sign_in(&server, "ci").await;
    let name = format!("iam/{}/service-principal/ci", project(&server));
    let keys = see(&server.admin(), &name).await.keys;
    assert_eq!(keys.len(), 1);
    assert!(keys[0].client_id.starts_with("tmc_"), "{keys:?}");
    assert!(keys[0].resource_name.starts_with(&format!("{name}/key/")));
    assert_eq!(keys[0].state, KeyState::Active);
    sign_in(&server, "ci").await;
    assert_eq!(see(&server.admin(), &name).await.keys.len(), 2);
    server.advance(std::time::Duration::from_hours(25));
    assert_eq!(see(&server.admin(), &name).await.keys.len(), 1);
}

#[tokio::test]
async fn a_deleted_one_is_gone_and_its_tokens_end() {
    let server = TestServer::start().await;
    let admin = server.admin();
    service_principal(&admin, &project(&server), "ci").await;
    let client = sign_in(&server, "ci").await;
    client.list_buckets(&Page::default()).await.unwrap();
    let name = format!("iam/{}/service-principal/ci", project(&server));
    admin.delete_service_principal(&name).await.unwrap();
    assert!(refusal(client.list_buckets(&Page::default()).await).starts_with("401/16"));
    let answer = refusal(admin.get_service_principal(&name).await);
    assert_snapshot!(answer, @"404/5 principal with identifier iam/project/<uuid>/service-principal/ci does not exist");
    assert!(refusal(admin.delete_service_principal(&name).await).starts_with("404/5"));
    expect_events(&server, "principal.deleted", 1);
    service_principal(&admin, &project(&server), "ci").await;
}

#[tokio::test]
async fn a_name_is_taken_once_in_the_organization_and_keeps_to_its_rule() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for name in ["abc", "A_b.c-d", &"x".repeat(36)] {
        service_principal(&admin, &project(&server), name).await;
    }
    for parent in [project(&server), organization(&server)] {
        let answer = create(&admin, &parent, "abc").await;
        let expected = "409/6 principal with identifier abc already exists";
        assert_eq!(answer, expected);
    }
    for name in ["", "-a", "a b", "a/b", &"x".repeat(129)] {
        let answer = create(&admin, &project(&server), name).await;
        assert!(answer.starts_with("400/3 body.name"), "{name}: {answer}");
    }
    expect_events(&server, "principal.created", 4);
}

#[tokio::test]
async fn parents_and_names_that_are_none_are_refused() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for parent in ["project", "project/x", "group/1", &server.project.id] {
        let answer = create(&admin, parent, "ci").await;
        assert!(
            answer.starts_with("400/3 path.parent_resource_name"),
            "{answer}"
        );
    }
    for name in ["iam/ci", "iam/project/x/service-principal/ci"] {
        let answer = refusal(admin.get_service_principal(name).await);
        assert!(answer.starts_with("400/3 path.resource_name"), "{answer}");
    }
    for parent in [
        format!("project/{NOBODY}"),
        format!("organization/{NOBODY}"),
    ] {
        assert!(create(&admin, &parent, "ci").await.starts_with("404/5"));
        let name = format!("iam/{parent}/service-principal/admin");
        assert!(refusal(admin.get_service_principal(&name).await).starts_with("404/5"));
        assert!(refusal(admin.delete_service_principal(&name).await).starts_with("404/5"));
    }
}

#[tokio::test]
async fn one_is_found_below_its_own_parent_only() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let second = second_project(&server).await;
    service_principal(&admin, &project(&server), "ci").await;
    for (parent, name) in [
        (format!("project/{}", second.id), "ci"),
        (organization(&server), "ci"),
        (project(&server), "admin"),
    ] {
        let name = format!("iam/{parent}/service-principal/{name}");
        assert!(
            refusal(admin.get_service_principal(&name).await).starts_with("404/5"),
            "{name}"
        );
        assert!(
            refusal(admin.delete_service_principal(&name).await).starts_with("404/5"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn only_admins_of_the_parent_manage_them() {
    let server = TestServer::start().await;
    service_principal(&server.admin(), &project(&server), "ci").await;
    let ci = format!("iam/{}/service-principal/ci", project(&server));
    let contributor = server.contributor().await;
    for answer in [
        create(&contributor, &project(&server), "new").await,
        create(&contributor, &organization(&server), "new").await,
        refusal(contributor.get_service_principal(&ci).await),
        refusal(contributor.delete_service_principal(&ci).await),
    ] {
        assert!(
            answer.starts_with("403/7") && answer.contains("the role admin"),
            "{answer}"
        );
    }
    let scope = Scope::Project(server.project.id.clone());
    let local = server.principal("local", scope, Role::Admin).await;
    service_principal(&local, &project(&server), "new").await;
    let admin = format!("iam/{}/service-principal/admin", organization(&server));
    for answer in [
        create(&local, &organization(&server), "wide").await,
        refusal(local.get_service_principal(&admin).await),
        refusal(local.delete_service_principal(&admin).await),
    ] {
        assert!(answer.starts_with("403/7"), "{answer}");
    }
    let second = second_project(&server).await;
    let there = create(&local, &format!("project/{}", second.id), "x").await;
    assert!(there.starts_with("404/5"), "{there}");
    local.delete_service_principal(&ci).await.unwrap();
}

#[tokio::test]
async fn the_last_admin_cannot_be_deleted() {
    let server = TestServer::start().await;
    let name = format!("iam/{}/service-principal/admin", organization(&server));
    let answer = refusal(server.admin().delete_service_principal(&name).await);
    assert!(answer.starts_with("400/9"), "{answer}");
    server.admin().bucket("alpine").await;
}

#[tokio::test]
async fn slashes_that_a_proxy_decoded_are_read_all_the_same() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let path = format!("/2019-12-10/iam/{}/service-principals", project(&server));
    let body = serde_json::json!({"name": "ci"});
    let answer = admin.send(Method::POST, &path, Some(&body)).await.unwrap();
    assert_eq!(answer.status, 200);
    let path = format!("/2019-12-10/iam/{}/service-principal/ci", project(&server));
    for (method, status) in [
        (Method::GET, 200),
        (Method::DELETE, 200),
        (Method::GET, 404),
    ] {
        let answer = admin.send(method, &path, None).await.unwrap();
        assert_eq!(answer.status, status);
    }
}
