//! Organizations, projects and who the caller is.

use insta::assert_snapshot;
use touchmark_client::{Method, Page};
use touchmark_tests::{
    TestServer, refusal, shown,
    wire::{iam::PrincipalType, paths, resource_manager::ResourceType},
};

use crate::kit::second_project;

const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn a_project_names_its_organization() {
    let server = TestServer::start().await;
    let viewer = server.viewer().await;
    let path = paths::project(&server.project.id);
    let answer = viewer.send(Method::GET, &path, None).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "project": {
        "created_at": "<time>",
        "description": "",
        "id": "<uuid>",
        "name": "default",
        "parent": {
          "id": "<uuid>",
          "type": "ORGANIZATION"
        },
        "state": "ACTIVE"
      }
    }
    "#);
    let project = viewer
        .get_project(&server.project.id)
        .await
        .unwrap()
        .project
        .unwrap();
    let parent = project.parent.unwrap();
    assert_eq!(parent.id, server.project.organization_id);
    assert_eq!(parent.kind, ResourceType::Organization);
}

#[tokio::test]
async fn the_callers_organization_is_listed_alone() {
    let server = TestServer::start().await;
    for client in [server.admin(), server.viewer().await] {
        let answer = client.list_organizations(&Page::default()).await.unwrap();
        let [organization] = answer.organizations.as_slice() else {
            panic!("one organization, not {answer:?}")
        };
        assert_eq!(organization.id, server.project.organization_id);
        let found = client.get_organization(&organization.id).await.unwrap();
        assert_eq!(found.organization.as_ref(), Some(organization));
    }
}

#[tokio::test]
async fn an_admin_lists_the_projects_of_the_organization() {
    let server = TestServer::start().await;
    let second = second_project(&server).await;
    let organization = &server.project.organization_id;
    let answer = server
        .admin()
        .list_projects(organization, &Page::default())
        .await
        .unwrap();
    let mut ids: Vec<_> = answer.projects.iter().map(|p| p.id.as_str()).collect();
    let mut expected = [server.project.id.as_str(), &second.id];
    ids.sort_unstable();
    expected.sort_unstable();
    assert_eq!(ids, expected);
}

#[tokio::test]
async fn who_is_bound_to_one_project_lists_none() {
    let server = TestServer::start().await;
    let organization = &server.project.organization_id;
    let answer = server
        .contributor()
        .await
        .list_projects(organization, &Page::default())
        .await;
    assert!(refusal(answer).starts_with("403/7"));
}

#[tokio::test]
async fn ids_out_of_reach_do_not_exist() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let answer = refusal(admin.get_project(NOBODY).await);
    assert_snapshot!(answer, @"404/5 project with identifier <uuid> does not exist");
    let answer = refusal(admin.get_organization(NOBODY).await);
    assert_snapshot!(answer, @"404/5 organization with identifier <uuid> does not exist");
    let answer = refusal(admin.list_projects(NOBODY, &Page::default()).await);
    assert_snapshot!(answer, @"404/5 organization with identifier <uuid> does not exist");
}

#[tokio::test]
async fn another_project_does_not_exist_for_who_is_bound_to_one() {
    let server = TestServer::start().await;
    let second = second_project(&server).await;
    let contributor = server.contributor().await;
    assert!(refusal(contributor.get_project(&second.id).await).starts_with("404/5"));
    let there = contributor.with_scope(&second.organization_id, &second.id);
    assert!(refusal(there.get_bucket("x").await).starts_with("404/5 project"));
    assert!(server.admin().get_project(&second.id).await.is_ok());
}

#[tokio::test]
async fn organization_and_project_must_belong_together() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let ids = [
        (NOBODY, server.project.id.as_str()),
        (&server.project.organization_id, NOBODY),
    ];
    for (organization, project) in ids {
        let there = admin.with_scope(organization, project);
        assert!(refusal(there.list_buckets(&Page::default()).await).starts_with("404/5 project"));
        assert!(refusal(there.get_registry().await).starts_with("404/5 project"));
    }
}

#[tokio::test]
async fn the_caller_is_told_who_they_are() {
    let server = TestServer::start().await;
    let project = &server.project;
    let of = format!("iam/project/{}/service-principal/viewer", project.id);
    let admin = format!(
        "iam/organization/{}/service-principal/admin",
        project.organization_id
    );
    for (client, name, resource, bound) in [
        (server.viewer().await, "viewer", of, project.id.as_str()),
        (server.admin(), "admin", admin, ""),
    ] {
        let principal = client
            .get_caller_identity()
            .await
            .unwrap()
            .principal
            .unwrap();
        assert_eq!(principal.kind, PrincipalType::Service);
        let service = principal.service.unwrap();
        assert_eq!(
            (service.name.as_str(), service.resource_name),
            (name, resource)
        );
        assert_eq!(service.project_id, bound);
        assert_eq!(service.organization_id, project.organization_id);
        assert_eq!((service.id, principal.user), (principal.id, None));
    }
}
