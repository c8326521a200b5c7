//! The registry of a project.

use insta::assert_snapshot;
use touchmark_client::Method;
use touchmark_tests::{
    Client, Story, TestServer, refusal, shown,
    wire::{
        operation::OperationState,
        registry::{CreateRegistryBody, RegistryConfig, Tier, UpdateRegistryBody},
        version::CreateVersionBody,
    },
};

use crate::kit::bucket_named;

async fn config(client: &Client) -> RegistryConfig {
    let answer = client.get_registry().await.expect("an answer");
    answer
        .registry
        .expect("a registry")
        .config
        .expect("its settings")
}

fn update(mask: &str, activated: bool, tier: Option<Tier>) -> UpdateRegistryBody {
    UpdateRegistryBody {
        activated,
        feature_tier: tier,
        update_mask: Some(mask.to_owned()),
    }
}

#[tokio::test]
async fn a_project_has_an_active_registry_from_the_start() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let path = admin.scope().unwrap().registry();
    let answer = server
        .viewer()
        .await
        .send(Method::GET, &path, None)
        .await
        .unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "registry": {
        "config": {
          "activated": true,
          "billing_deprovision": null,
          "feature_tier": "PLUS",
          "tfc_run_task_config": null
        },
        "created_at": "<time>",
        "id": "<ulid>",
        "location": {
          "organization_id": "<uuid>",
          "project_id": "<uuid>",
          "region": null
        },
        "updated_at": "<time>"
      }
    }
    "#);
}

#[tokio::test]
async fn a_second_registry_is_not_made() {
    let server = TestServer::start().await;
    let body = CreateRegistryBody {
        feature_tier: Some(Tier::Plus),
    };
    let answer = refusal(server.admin().create_registry(&body).await);
    assert_snapshot!(answer, @"409/6 registry with identifier <uuid> already exists");
}

#[tokio::test]
async fn masks_may_be_spelled_in_three_ways() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let mut on = true;
    for mask in [
        "activated",
        "config.activated",
        " config.activated , featureTier",
    ] {
        on = !on;
        admin
            .update_registry(&update(mask, on, Some(Tier::Plus)))
            .await
            .unwrap();
        assert_eq!(config(&admin).await.activated, on, "{mask}");
    }
    let tiers = [Tier::Standard, Tier::Plus, Tier::Standard, Tier::Plus];
    let masks = [
        "featureTier",
        "feature_tier",
        "config.featureTier",
        "config.feature_tier",
    ];
    for (mask, tier) in masks.into_iter().zip(tiers) {
        admin
            .update_registry(&update(mask, true, Some(tier)))
            .await
            .unwrap();
        assert_eq!(config(&admin).await.feature_tier, tier, "{mask}");
    }
    assert!(!config(&admin).await.activated);
}

#[tokio::test]
async fn a_mask_is_needed_and_names_known_fields() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let without = UpdateRegistryBody::default();
    let answer = refusal(admin.update_registry(&without).await);
    assert!(answer.starts_with("400/3 body.update_mask"), "{answer}");
    let answer = refusal(admin.update_registry(&update("name", true, None)).await);
    assert!(answer.starts_with("400/3 body.update_mask"), "{answer}");
}

#[tokio::test]
async fn an_update_answers_a_finished_operation() {
    let server = TestServer::start().await;
    let answer = server
        .admin()
        .update_registry(&update("activated", true, None))
        .await
        .unwrap();
    assert_eq!(answer.operation.unwrap().state, OperationState::Done);
    assert!(answer.registry.unwrap().config.unwrap().activated);
}

#[tokio::test]
async fn a_deactivated_registry_records_nothing_new() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "one").await;
    admin
        .update_registry(&update("activated", false, None))
        .await
        .unwrap();
    let answer = refusal(admin.create_bucket(&bucket_named("debian")).await);
    assert!(answer.starts_with("400/9"), "{answer}");
    let body = CreateVersionBody {
        fingerprint: "two".into(),
        template_type: None,
    };
    let answer = refusal(admin.create_version("alpine", &body).await);
    assert!(answer.starts_with("400/9"), "{answer}");
    assert_eq!(admin.held("alpine", "latest").await, "one");
    admin
        .update_registry(&update("activated", true, None))
        .await
        .unwrap();
    admin.version("alpine", "two").await;
}

#[tokio::test]
async fn a_registry_with_buckets_is_not_deleted() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let answer = refusal(admin.delete_registry().await);
    assert!(answer.starts_with("400/9"), "{answer}");
    assert!(config(&admin).await.activated);
}

#[tokio::test]
async fn a_registry_can_be_deleted_and_made_again() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let answer = admin.delete_registry().await.unwrap();
    assert_eq!(answer.operation.unwrap().state, OperationState::Done);
    let answer = refusal(admin.get_registry().await);
    assert!(answer.starts_with("404/5"), "{answer}");
    let body = CreateRegistryBody {
        feature_tier: Some(Tier::Standard),
    };
    let answer = admin.create_registry(&body).await.unwrap();
    assert_eq!(answer.operation.unwrap().state, OperationState::Done);
    let config = config(&admin).await;
    assert_eq!(
        (config.activated, config.feature_tier),
        (true, Tier::Standard)
    );
}

#[tokio::test]
async fn only_an_admin_changes_the_registry() {
    let server = TestServer::start().await;
    let contributor = server.contributor().await;
    let answer = contributor
        .update_registry(&update("activated", false, None))
        .await;
    let answer = refusal(answer);
    assert!(
        answer.starts_with("403/7") && answer.contains("admin"),
        "{answer}"
    );
    assert!(refusal(contributor.delete_registry().await).starts_with("403/7"));
}
