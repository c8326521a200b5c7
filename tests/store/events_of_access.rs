//! What service principals, policies and run tasks append to the event log, and that no key is in it.

use insta::assert_snapshot;
use touchmark_tests::{
    Story, TestServer,
    wire::{
        policy::{MemberType, Policy, PolicyBinding, PolicyBindingMember},
        run_task::{RunTaskBehaviour, UpdateRunTaskConfigBody},
        service_principal::CreateServicePrincipalBody,
    },
};

use crate::story::Watch;

#[tokio::test]
async fn policies_and_those_they_are_about() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let mut watch = Watch::from_now(&server).await;
    let parent = format!("project/{}", server.project.id);
    let body = CreateServicePrincipalBody { name: "ci".into() };
    let made = admin.create_service_principal(&parent, &body).await;
    let made = made.expect("an answer").service_principal;
    let made = made.expect("a principal");
    let news = watch.news().await;
    assert_eq!(news[0].action, "principal.created");
    assert!(
        news[0].payload.contains("\"role\":\"viewer\""),
        "{}",
        news[0].payload
    );
    let member = PolicyBindingMember {
        member_id: made.id.clone(),
        member_type: MemberType::ServicePrincipal,
    };
    let policy = Policy {
        bindings: vec![PolicyBinding {
            members: vec![member],
            role_id: "roles/builder".to_owned(),
        }],
        etag: String::new(),
    };
    let bucket = format!("packer/project/{}/bucket/alpine", server.project.id);
    let set = admin.set_iam_policy(&bucket, policy).await;
    let etag = set.expect("an answer").policy.expect("a policy").etag;
    let news = watch.news().await;
    assert_eq!(news.len(), 1);
    let event = &news[0];
    assert_eq!(
        (event.action.as_str(), event.resource_kind.as_str()),
        ("policy.set", "policy")
    );
    assert_eq!(event.bucket_id, event.resource_id);
    for part in [
        etag.as_str(),
        "roles/builder",
        &made.id,
        "SERVICE_PRINCIPAL",
    ] {
        assert!(event.payload.contains(part), "{part}: {}", event.payload);
    }
    let deleted = admin.delete_service_principal(&made.resource_name).await;
    deleted.expect("a deletion");
    assert_snapshot!(watch.shown().await, @"principal.deleted ci by admin");
}

#[tokio::test]
async fn run_tasks_without_their_keys() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let mut watch = Watch::from_now(&server).await;
    for _ in 0..2 {
        let task = admin.get_registry_tfc_run_task_api("validation").await;
        task.expect("a run task");
    }
    let new = admin.regenerate_tfc_run_task_hmac_key().await;
    let key = new.expect("a new key").hmac_key;
    let fail = UpdateRunTaskConfigBody {
        on_untracked_image: Some(RunTaskBehaviour::Fail),
    };
    for _ in 0..2 {
        let set = admin.update_run_task_config(&fail).await;
        set.expect("settings");
    }
    let news = watch.news().await;
    let actions: Vec<&str> = news.iter().map(|event| event.action.as_str()).collect();
    let expected = [
        "run_task.created",
        "run_task.key_regenerated",
        "run_task.updated",
    ];
    assert_eq!(actions, expected);
    for event in &news {
        assert!(!event.payload.contains(&key) && !event.payload.contains("sealed"));
        assert!(event.payload.contains("\"api_id\""), "{}", event.payload);
    }
}
