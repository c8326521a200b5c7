//! Projects through our own face.

use insta::assert_snapshot;
use touchmark_registry::{
    domain::role::Role,
    ops::{Access, organizations, principals},
    store::principals::Scope,
};
use touchmark_tests::{
    Client, EventFilter, Part, Story as _, TestServer, refusal,
    wire::own::{CreatePrincipalBody, CreateProjectBody},
};

use crate::kit::expect_events;

pub(crate) async fn project(client: &Client, name: &str) -> String {
    let body = CreateProjectBody {
        name: name.into(),
        ..CreateProjectBody::default()
    };
    let answer = client.own().create_project(&body).await;
    answer.expect("a project").project.id
}

/// An admin of another organization of the same registry.
pub(crate) async fn stranger(server: &TestServer) -> Client {
    let now = server.clock.now();
    let store = &server.state.store;
    let made = organizations::create(store, "other".into(), now).await;
    let (organization, project) = made.expect("an organization");
    let create = principals::Create {
        name: "admin".into(),
        project_id: None,
        scope: Scope::Organization(organization.id.clone()),
        role: Role::Admin,
    };
    let access = Access::system(project.clone());
    let created = principals::create(store, access, create, now).await;
    let created = created.expect("a principal");
    let secret = created.secret.reveal().to_owned();
    server
        .build(|builder| builder.credentials(created.principal.client_id, secret))
        .with_scope(organization.id, project.id)
}

#[tokio::test]
async fn a_new_project_has_a_registry_and_takes_buckets() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let id = project(&admin, "second").await;
    let there = admin.with_scope(&server.project.organization_id, &id);
    there.get_registry().await.unwrap();
    there.complete_in("alpine").await;
    let list = admin.own().projects(&Part::default()).await.unwrap();
    let names: Vec<&str> = list.projects.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["default", "second"]);
    expect_events(&server, "project.created", 2);
    expect_events(&server, "registry.created", 2);
}

trait Filled {
    async fn complete_in(&self, bucket: &str);
}

impl Filled for Client {
    async fn complete_in(&self, bucket: &str) {
        self.bucket(bucket).await;
        self.complete(bucket, "one").await;
    }
}

#[tokio::test]
async fn projects_come_in_pages() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for name in ["a", "b", "c"] {
        project(&admin, name).await;
    }
    let mut part = Part {
        size: Some(3),
        ..Part::default()
    };
    let first = admin.own().projects(&part).await.unwrap();
    part.token = first.next_page_token;
    let second = admin.own().projects(&part).await.unwrap();
    let names = first.projects.iter().chain(&second.projects);
    let names: Vec<&str> = names.map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["a", "b", "c", "default"]);
    assert_eq!(second.next_page_token, "");
}

#[tokio::test]
async fn a_project_with_buckets_and_the_last_one_stay() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let refused = refusal(admin.own().delete_project("default").await);
    assert_snapshot!(refused, @"400/9 this is the only project of the organization: create another one first, or delete the organization");
    let id = project(&admin, "second").await;
    let there = admin.with_scope(&server.project.organization_id, &id);
    there.bucket("alpine").await;
    let refused = refusal(admin.own().delete_project("second").await);
    assert_snapshot!(refused, @"400/9 the project second still has buckets: delete them first");
    there.delete_bucket("alpine").await.unwrap();
    admin.own().delete_project(&id).await.unwrap();
    assert!(refusal(there.get_registry().await).starts_with("404/5"));
    assert!(refusal(admin.own().delete_project(&id).await).starts_with("404/5"));
}

#[tokio::test]
async fn the_principals_of_a_project_go_with_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    project(&admin, "second").await;
    let body = CreatePrincipalBody {
        name: "ci".into(),
        project: Some("second".into()),
        ..CreatePrincipalBody::default()
    };
    let made = admin.own().create_principal(&body).await.unwrap();
    let ci = server.build(|builder| builder.credentials(made.client_id, made.client_secret));
    ci.own().whoami().await.unwrap();
    admin.own().delete_project("second").await.unwrap();
    assert!(refusal(ci.own().whoami().await).starts_with("401/16"));
    assert!(refusal(admin.own().principal("ci").await).starts_with("404/5"));
    expect_events(&server, "principal.deleted", 1);
}

#[tokio::test]
async fn only_admins_of_the_organization_change_projects() {
    let server = TestServer::start().await;
    let scope = Scope::Project(server.project.id.clone());
    let local = server.principal("local", scope, Role::Admin).await;
    for client in [local, server.contributor().await] {
        let body = CreateProjectBody {
            name: "mine".into(),
            ..CreateProjectBody::default()
        };
        let refused = refusal(client.own().create_project(&body).await);
        assert!(
            refused.starts_with("403/7") && refused.contains("the role admin"),
            "{refused}"
        );
        assert!(refusal(client.own().delete_project("default").await).starts_with("403/7"));
    }
}

#[tokio::test]
async fn another_organization_sees_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.complete_in("alpine").await;
    let second = project(&admin, "second").await;
    let stranger = stranger(&server).await;
    let own = stranger.own();
    for name in ["second", &second, &server.project.id] {
        assert!(refusal(own.delete_project(name).await).starts_with("404/5"));
        let filter = EventFilter {
            project: name.into(),
            ..EventFilter::default()
        };
        assert!(refusal(own.events(&filter, &Part::default()).await).starts_with("404/5"));
        assert!(refusal(own.principals(name, &Part::default()).await).starts_with("404/5"));
    }
    let names = own.organizations().await.unwrap().organizations;
    assert_eq!(names.len(), 1);
    assert_eq!(names[0].name, "other");
    assert_eq!(
        own.projects(&Part::default()).await.unwrap().projects.len(),
        1
    );
    let seen = own
        .events(&EventFilter::default(), &Part::default())
        .await
        .unwrap();
    assert!(!seen.events.is_empty());
    assert!(
        seen.events
            .iter()
            .all(|event| event.resource.name != "alpine")
    );
    let first = admin.own().organizations().await.unwrap().organizations;
    assert_eq!((first.len(), first[0].name.as_str()), (1, "default"));
    // Names are taken within an organization only.
    project(&stranger, "second").await;
}
