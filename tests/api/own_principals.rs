//! Principals, their secrets and their roles through our own face.

use std::time::Duration;

use insta::assert_snapshot;
use touchmark_client::Method;
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Client, Part, Story as _, TestServer, refusal,
    wire::{
        own::{
            ChangePrincipalBody, CreatePrincipalBody, GrantBody, NewSecret, RoleName, RotateBody,
            ScopeKind,
        },
        paths,
    },
};

use crate::{
    kit::{bucket_named, expect_events, header},
    own_projects::{project, stranger},
};

fn named(name: &str) -> CreatePrincipalBody {
    CreatePrincipalBody {
        name: name.into(),
        ..CreatePrincipalBody::default()
    }
}

fn role(scope: ScopeKind, role: RoleName) -> GrantBody {
    GrantBody {
        scope: Some(scope),
        role: Some(role),
        ..GrantBody::default()
    }
}

async fn made(server: &TestServer, body: &CreatePrincipalBody) -> (NewSecret, Client) {
    let new = server.admin().own().create_principal(body).await;
    let new = new.expect("a principal");
    let (id, secret) = (new.client_id.clone(), new.client_secret.clone());
    let client = server.build(|builder| builder.credentials(id, secret));
    (new, client)
}

fn disabled(disabled: bool) -> ChangePrincipalBody {
    ChangePrincipalBody {
        disabled: Some(disabled),
    }
}

#[tokio::test]
async fn a_new_principal_builds_in_its_project() {
    let server = TestServer::start().await;
    let (new, ci) = made(&server, &named("ci")).await;
    assert_eq!(new.principal.project_id.as_ref(), Some(&server.project.id));
    let given = &new.principal.roles[0];
    assert_eq!(
        (given.role, given.name.as_str()),
        (RoleName::Builder, "default")
    );
    ci.bucket("alpine").await;
    let shown = server
        .admin()
        .own()
        .principal("ci")
        .await
        .unwrap()
        .principal;
    assert!(shown.last_used_at.is_some());
    assert!(shown.secrets[0].last_used_at.is_some());
    assert_eq!(shown.secrets[0].expires_at, None);
    expect_events(&server, "principal.created", 2);
}

#[tokio::test]
async fn a_secret_is_shown_once_and_kept_by_no_cache() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let body = serde_json::json!({"name": "ci"});
    let answer = admin
        .send(Method::POST, paths::OWN_PRINCIPALS, Some(&body))
        .await;
    let answer = answer.unwrap();
    assert_eq!(
        (answer.status, header(&answer, "cache-control")),
        (200, "no-store")
    );
    let new: NewSecret = answer.json().unwrap();
    let path = paths::own_secrets("ci");
    let answer = admin.send(Method::POST, &path, None).await.unwrap();
    assert_eq!(
        (answer.status, header(&answer, "cache-control")),
        (200, "no-store")
    );
    for path in [paths::own_principal("ci"), paths::OWN_PRINCIPALS.to_owned()] {
        let answer = admin.send(Method::GET, &path, None).await.unwrap();
        let text = String::from_utf8(answer.body).unwrap();
        assert!(text.contains(&new.client_id));
        assert!(
            !text.contains(&new.client_secret) && !text.contains("digest"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_secret_ends_when_it_was_said_to_end() {
    let server = TestServer::start().await;
    let body = CreatePrincipalBody {
        expires_in: Some("90m".into()),
        ..named("ci")
    };
    let (new, ci) = made(&server, &body).await;
    ci.own().whoami().await.unwrap();
    server.advance(Duration::from_mins(89));
    let (id, secret) = (new.client_id, new.client_secret);
    let again = server.build(|builder| builder.credentials(id, secret));
    again.own().whoami().await.unwrap();
    server.advance(Duration::from_mins(1));
    assert!(refusal(again.own().whoami().await).starts_with("401/16"));
    let shown = server.admin().own().principal("ci").await.unwrap();
    assert!(!shown.principal.secrets[0].live);
}

#[tokio::test]
async fn rotation_leaves_the_old_secret_a_day_or_nothing() {
    let server = TestServer::start().await;
    let (_, old) = made(&server, &named("ci")).await;
    old.own().whoami().await.unwrap();
    let admin = server.admin();
    let rotated = admin
        .own()
        .rotate_secret("ci", &RotateBody::default())
        .await
        .unwrap();
    assert_eq!(rotated.principal.secrets.len(), 2);
    old.own().whoami().await.unwrap();
    let now = RotateBody {
        now: Some(true),
        ..RotateBody::default()
    };
    let rotated = admin.own().rotate_secret("ci", &now).await.unwrap();
    assert_eq!(rotated.principal.secrets.len(), 1);
    assert!(refusal(old.own().whoami().await).starts_with("401/16"));
    let (id, secret) = (rotated.client_id, rotated.client_secret);
    let new = server.build(|builder| builder.credentials(id, secret));
    new.own().whoami().await.unwrap();
}

#[tokio::test]
async fn deleting_a_secret_ends_its_tokens_on_the_next_request() {
    let server = TestServer::start().await;
    let (new, ci) = made(&server, &named("ci")).await;
    ci.own().whoami().await.unwrap();
    let id = &new.principal.secrets[0].id;
    let left = server.admin().own().delete_secret("ci", id).await.unwrap();
    assert!(left.principal.secrets.is_empty());
    assert!(refusal(ci.own().whoami().await).starts_with("401/16"));
    let again = refusal(server.admin().own().delete_secret("ci", id).await);
    assert_snapshot!(again, @"404/5 secret with identifier <ulid> does not exist");
}

#[tokio::test]
async fn a_role_counts_from_the_next_request_on() {
    let server = TestServer::start().await;
    let (_, ci) = made(&server, &named("ci")).await;
    let admin = server.admin();
    ci.bucket("alpine").await;
    let viewer = role(ScopeKind::Project, RoleName::Viewer);
    admin.own().grant_role("ci", &viewer).await.unwrap();
    assert!(refusal(ci.create_bucket(&bucket_named("b")).await).starts_with("403/7"));
    ci.get_bucket("alpine").await.unwrap();
    let project = (ScopeKind::Project, "");
    let left = admin.own().revoke_role("ci", project).await.unwrap();
    assert!(left.principal.roles.is_empty());
    assert!(refusal(ci.get_bucket("alpine").await).starts_with("404/5 project"));
    let builder = role(ScopeKind::Organization, RoleName::Builder);
    admin.own().grant_role("ci", &builder).await.unwrap();
    ci.bucket("b").await;
    expect_events(&server, "principal.granted", 2);
    expect_events(&server, "principal.revoked", 1);
}

#[tokio::test]
async fn what_changes_nothing_leaves_no_event() {
    let server = TestServer::start().await;
    made(&server, &named("ci")).await;
    let admin = server.admin();
    let builder = role(ScopeKind::Project, RoleName::Builder);
    admin.own().grant_role("ci", &builder).await.unwrap();
    let whole = (ScopeKind::Organization, "");
    admin.own().revoke_role("ci", whole).await.unwrap();
    admin
        .own()
        .change_principal("ci", &disabled(false))
        .await
        .unwrap();
    for action in [
        "principal.granted",
        "principal.revoked",
        "principal.enabled",
    ] {
        expect_events(&server, action, 0);
    }
}

#[tokio::test]
async fn who_is_shut_out_is_out_until_let_in_and_old_tokens_stay_dead() {
    let server = TestServer::start().await;
    let (new, ci) = made(&server, &named("ci")).await;
    ci.own().whoami().await.unwrap();
    let admin = server.admin();
    admin
        .own()
        .change_principal("ci", &disabled(true))
        .await
        .unwrap();
    let (id, secret) = (new.client_id, new.client_secret);
    let fresh = || server.build(|builder| builder.credentials(id.clone(), secret.clone()));
    assert!(refusal(ci.own().whoami().await).starts_with("401/16"));
    assert!(fresh().own().whoami().await.is_err());
    admin
        .own()
        .change_principal("ci", &disabled(false))
        .await
        .unwrap();
    assert!(refusal(ci.own().whoami().await).starts_with("401/16"));
    fresh().own().whoami().await.unwrap();
}

#[tokio::test]
async fn a_deleted_principal_is_out_on_the_next_request() {
    let server = TestServer::start().await;
    let (_, ci) = made(&server, &named("ci")).await;
    ci.own().whoami().await.unwrap();
    server.admin().own().delete_principal("ci").await.unwrap();
    assert!(refusal(ci.own().whoami().await).starts_with("401/16"));
    assert!(refusal(server.admin().own().delete_principal("ci").await).starts_with("404/5"));
}

#[tokio::test]
async fn the_last_admin_stays() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let own = admin.own();
    let whole = (ScopeKind::Organization, "");
    let less = role(ScopeKind::Organization, RoleName::Contributor);
    for refused in [
        refusal(own.delete_principal("admin").await),
        refusal(own.change_principal("admin", &disabled(true)).await),
        refusal(own.revoke_role("admin", whole).await),
        refusal(own.grant_role("admin", &less).await),
    ] {
        assert_eq!(
            refused,
            "400/9 this is the last admin of the organization: make another one first"
        );
    }
    let second = CreatePrincipalBody {
        scope: Some(ScopeKind::Organization),
        role: Some(RoleName::Admin),
        ..named("second")
    };
    let (_, second) = made(&server, &second).await;
    own.grant_role("admin", &less).await.unwrap();
    assert!(refusal(second.own().delete_principal("second").await).starts_with("400/9"));
    second.own().delete_principal("admin").await.unwrap();
}

#[tokio::test]
async fn roles_on_a_bucket_are_sent_to_its_policy() {
    let server = TestServer::start().await;
    made(&server, &named("ci")).await;
    let body = role(ScopeKind::Bucket, RoleName::Viewer);
    let refused = refusal(server.admin().own().grant_role("ci", &body).await);
    assert_snapshot!(refused, @"400/3 body.scope: must be organization or project: roles on a bucket are given in the bucket's IAM policy");
}

#[tokio::test]
async fn nobody_below_an_admin_is_told_anything() {
    let server = TestServer::start().await;
    made(&server, &named("ci")).await;
    for client in [
        server.viewer().await,
        server.builder().await,
        server.contributor().await,
    ] {
        let own = client.own();
        let viewer = role(ScopeKind::Project, RoleName::Viewer);
        for refused in [
            refusal(own.principals("", &Part::default()).await),
            refusal(own.create_principal(&named("x")).await),
            refusal(own.principal("ci").await),
            refusal(own.principal("none").await),
            refusal(own.change_principal("ci", &disabled(true)).await),
            refusal(own.delete_principal("ci").await),
            refusal(own.rotate_secret("ci", &RotateBody::default()).await),
            refusal(own.delete_secret("ci", "x").await),
            refusal(own.grant_role("ci", &viewer).await),
            refusal(own.revoke_role("ci", (ScopeKind::Project, "")).await),
        ] {
            assert!(
                refused.starts_with("403/7") && refused.contains("the role admin"),
                "{refused}"
            );
        }
    }
}

#[tokio::test]
async fn an_admin_of_a_project_manages_its_principals_and_no_others() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let second = project(&admin, "second").await;
    let scope = Scope::Project(server.project.id.clone());
    let local = server.principal("local", scope, Role::Admin).await;
    let elsewhere = CreatePrincipalBody {
        project: Some("second".into()),
        ..named("elsewhere")
    };
    made(&server, &elsewhere).await;
    let own = local.own();
    own.create_principal(&named("ci")).await.unwrap();
    own.rotate_secret("ci", &RotateBody::default())
        .await
        .unwrap();
    let list = own.principals("", &Part::default()).await.unwrap();
    let names: Vec<&str> = list.principals.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["ci", "local"]);
    assert!(refusal(own.principal("elsewhere").await).starts_with("404/5"));
    assert!(refusal(own.principal("admin").await).starts_with("403/7"));
    for body in [
        CreatePrincipalBody {
            scope: Some(ScopeKind::Organization),
            ..named("wide")
        },
        CreatePrincipalBody {
            project: Some(second.clone()),
            ..named("wide")
        },
    ] {
        let refused = refusal(own.create_principal(&body).await);
        assert!(
            refused.starts_with("403/7") || refused.starts_with("404/5"),
            "{refused}"
        );
    }
    let whole = role(ScopeKind::Organization, RoleName::Viewer);
    assert!(refusal(own.grant_role("ci", &whole).await).starts_with("403/7"));
    // With a role that reaches further, its secret would be a way up.
    admin.own().grant_role("ci", &whole).await.unwrap();
    assert!(refusal(own.rotate_secret("ci", &RotateBody::default()).await).starts_with("403/7"));
}

#[tokio::test]
async fn principals_come_in_pages_by_name() {
    let server = TestServer::start().await;
    for name in ["b", "a", "c"] {
        made(&server, &named(name)).await;
    }
    let admin = server.admin();
    let mut part = Part {
        size: Some(3),
        ..Part::default()
    };
    let first = admin.own().principals("", &part).await.unwrap();
    part.token = first.next_page_token;
    let second = admin.own().principals("", &part).await.unwrap();
    let names = first.principals.iter().chain(&second.principals);
    let names: Vec<&str> = names.map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["a", "admin", "b", "c"]);
    let bound = admin
        .own()
        .principals("default", &Part::default())
        .await
        .unwrap();
    assert_eq!(bound.principals.len(), 3);
}

#[tokio::test]
async fn principals_of_another_organization_do_not_exist() {
    let server = TestServer::start().await;
    made(&server, &named("ci")).await;
    let stranger = stranger(&server).await;
    let own = stranger.own();
    assert!(refusal(own.principal("ci").await).starts_with("404/5"));
    assert!(refusal(own.delete_principal("ci").await).starts_with("404/5"));
    let list = own.principals("", &Part::default()).await.unwrap();
    assert_eq!(list.principals.len(), 1);
    // The same name names another one there.
    own.rotate_secret("admin", &RotateBody::default())
        .await
        .unwrap();
    server.admin().own().whoami().await.unwrap();
    let theirs = CreatePrincipalBody {
        project: Some(server.project.id.clone()),
        ..named("spy")
    };
    assert!(refusal(own.create_principal(&theirs).await).starts_with("404/5"));
}
