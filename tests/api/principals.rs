//! The look-up of principals by their ids.

use touchmark_client::{Method, Page};
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Story, TestServer, refusal,
    wire::{iam::PrincipalType, paths},
};

use crate::kit::{Steps as _, service_principal};

#[tokio::test]
async fn those_who_exist_are_found_at_once_and_the_others_left_out() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let organization = &server.project.organization_id;
    let parent = format!("project/{}", server.project.id);
    let ci = service_principal(&admin, &parent, "ci").await;
    let wide = format!("organization/{organization}");
    let wide = service_principal(&admin, &wide, "wide").await;
    let mut ids = vec![wide.clone(), "none".to_owned(), ci.clone(), ci.clone()];
    let found = admin.batch_get_principals(organization, &ids).await;
    let mut found = found.unwrap().principals;
    found.sort_by(|one, other| other.id.cmp(&one.id));
    ids.retain(|id| id != "none");
    ids.dedup();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    let seen: Vec<_> = found.iter().map(|found| found.id.clone()).collect();
    assert_eq!(seen, ids);
    for principal in found {
        assert_eq!(principal.kind, PrincipalType::Service);
        assert_eq!(principal.service.unwrap().id, principal.id);
    }
    let none = admin.batch_get_principals(organization, &[]).await;
    assert_eq!(none.unwrap().principals, []);
}

#[tokio::test]
async fn whoever_is_admin_of_anything_may_look() {
    let server = TestServer::start().await;
    let organization = &server.project.organization_id;
    server.admin().bucket("alpine").await;
    let bucket = server.admin().see_bucket("alpine").await.id;
    let local = server
        .principal("local", Scope::Bucket(bucket), Role::Admin)
        .await;
    assert!(local.batch_get_principals(organization, &[]).await.is_ok());
    for client in [server.viewer().await, server.contributor().await] {
        let answer = refusal(client.batch_get_principals(organization, &[]).await);
        assert!(
            answer.starts_with("403/7") && answer.contains("the role admin"),
            "{answer}"
        );
    }
    let other = &server.project.id;
    let answer = refusal(server.admin().batch_get_principals(other, &[]).await);
    assert!(answer.starts_with("404/5 organization"), "{answer}");
    server.admin().list_buckets(&Page::default()).await.unwrap();
}

#[tokio::test]
async fn ids_have_a_limit_and_views_a_name() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let organization = &server.project.organization_id;
    let many = |count: usize| vec!["x".to_owned(); count];
    let found = admin.batch_get_principals(organization, &many(1_000)).await;
    assert_eq!(found.unwrap().principals, []);
    let found = admin.batch_get_principals(organization, &many(1_001)).await;
    assert!(refusal(found).starts_with("400/3 query.principal_ids"));
    let path = paths::principals(organization);
    for (view, status) in [
        ("PRINCIPAL_VIEW_FULL", 200),
        ("PRINCIPAL_VIEW_UNSPECIFIED", 200),
        ("FULL", 400),
    ] {
        let path = format!("{path}?view={view}");
        let answer = admin.send(Method::GET, &path, None).await.unwrap();
        assert_eq!(answer.status, status, "{view}");
    }
}
