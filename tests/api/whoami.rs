//! Who the caller is, and what it may do.

use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    TestServer, refusal,
    wire::own::{CreateProjectBody, RoleName, ScopeKind},
};

use crate::kit::bucket_named;

#[tokio::test]
async fn an_admin_of_the_organization_may_do_everything_in_every_project() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let body = CreateProjectBody {
        name: "another".into(),
        ..CreateProjectBody::default()
    };
    admin.own().create_project(&body).await.unwrap();
    let me = admin.own().whoami().await.unwrap();
    assert_eq!(me.principal.name, "admin");
    assert_eq!(me.principal.project_id, None);
    assert_eq!(me.principal.client_id, server.env["HCP_CLIENT_ID"]);
    assert_eq!(me.organization.id, server.project.organization_id);
    assert_eq!(me.organization.name, "default");
    let role = &me.roles[0];
    assert_eq!(
        (role.scope, role.role),
        (ScopeKind::Organization, RoleName::Admin)
    );
    let names: Vec<&str> = me.projects.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["another", "default"]);
    for project in &me.projects {
        assert_eq!(project.role, Some(RoleName::Admin));
        assert_eq!(
            project.may,
            ["read", "record", "see_restricted", "decide", "administer"]
        );
    }
}

#[tokio::test]
async fn others_may_do_what_their_role_may() {
    let server = TestServer::start().await;
    for (client, role, may) in [
        (server.viewer().await, RoleName::Viewer, "read"),
        (server.builder().await, RoleName::Builder, "read record"),
        (
            server.contributor().await,
            RoleName::Contributor,
            "read record see_restricted decide",
        ),
    ] {
        let me = client.own().whoami().await.unwrap();
        assert_eq!(me.principal.project_id.as_ref(), Some(&server.project.id));
        assert_eq!(me.projects.len(), 1);
        assert_eq!(me.projects[0].role, Some(role));
        assert_eq!(me.projects[0].may.join(" "), may);
    }
}

#[tokio::test]
async fn who_has_a_role_on_a_bucket_only_reaches_the_project_without_a_role() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let made = admin.create_bucket(&bucket_named("alpine")).await.unwrap();
    let bucket = made.bucket.unwrap();
    let scope = Scope::Bucket(bucket.id.clone());
    let narrow = server.principal("narrow", scope, Role::Builder).await;
    let me = narrow.own().whoami().await.unwrap();
    assert_eq!(me.projects[0].role, None);
    assert!(me.projects[0].may.is_empty());
    assert_eq!(
        (me.roles[0].scope, me.roles[0].name.as_str()),
        (ScopeKind::Bucket, "alpine")
    );
}

#[tokio::test]
async fn nobody_is_told_nothing() {
    let server = TestServer::start().await;
    assert!(refusal(server.anonymous().own().whoami().await).starts_with("401/16"));
}
