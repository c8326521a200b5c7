//! The address, key and settings of a registry's run task.

use serde_json::json;
use touchmark_client::Method;
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Client, TestServer, refusal,
    wire::{
        registry::CreateRegistryBody,
        run_task::{
            GetRegistryTFCRunTaskAPIResponse, RegistryTFCRunTaskConfig, RunTaskBehaviour,
            UpdateRunTaskConfigBody,
        },
    },
};

use crate::kit::{expect_events, second_project};

async fn see(client: &Client) -> GetRegistryTFCRunTaskAPIResponse {
    let answer = client.get_registry_tfc_run_task_api("validation").await;
    answer.expect("a run task")
}

async fn behaviour(client: &Client) -> RunTaskBehaviour {
    let answer = client.get_run_task_config().await.expect("settings");
    answer.on_untracked_image
}

fn on_untracked(behaviour: Option<RunTaskBehaviour>) -> UpdateRunTaskConfigBody {
    UpdateRunTaskConfigBody {
        on_untracked_image: behaviour,
    }
}

async fn shown(client: &Client) -> Option<RegistryTFCRunTaskConfig> {
    let answer = client.get_registry().await.expect("a registry");
    let registry = answer.registry.expect("the registry");
    registry.config.expect("its settings").tfc_run_task_config
}

#[tokio::test]
async fn address_and_key_stay_as_they_are() {
    let server = TestServer::start().await;
    let first = see(&server.admin()).await;
    let prefix = format!("{}/packer/run-tasks/", server.state.public_url);
    assert!(first.api_url.starts_with(&prefix), "{}", first.api_url);
    assert_eq!(first.hmac_key.len(), 43);
    assert_eq!(see(&server.admin()).await, first);
    let server = server.restart().await;
    assert_eq!(see(&server.admin()).await.hmac_key, first.hmac_key);
    expect_events(&server, "run_task.created", 1);
}

#[tokio::test]
async fn all_who_ask_first_at_once_hear_the_same() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let (one, two, three) = tokio::join!(see(&admin), see(&admin), see(&admin));
    assert_eq!(one, two);
    assert_eq!(one, three);
    expect_events(&server, "run_task.created", 1);
}

#[tokio::test]
async fn a_new_key_is_what_the_next_read_gives() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let before = see(&admin).await;
    let mut keys = vec![before.hmac_key];
    for _ in 0..2 {
        let answer = admin.regenerate_tfc_run_task_hmac_key().await.unwrap();
        let now = see(&admin).await;
        assert_eq!(now.hmac_key, answer.hmac_key);
        assert_eq!(now.api_url, before.api_url);
        assert!(!keys.contains(&now.hmac_key));
        keys.push(now.hmac_key);
    }
    expect_events(&server, "run_task.key_regenerated", 2);
    for key in keys {
        server.execute(&format!(
            "CREATE TEMP TABLE none (n INTEGER NOT NULL CHECK (n = 0));
             INSERT INTO none SELECT count(*) FROM events WHERE payload LIKE '%{key}%';"
        ));
    }
}

#[tokio::test]
async fn a_key_can_be_regenerated_before_it_was_ever_read() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let answer = admin.regenerate_tfc_run_task_hmac_key().await.unwrap();
    assert_eq!(see(&admin).await.hmac_key, answer.hmac_key);
}

#[tokio::test]
async fn settings_are_kept_and_can_be_unset_again() {
    let server = TestServer::start().await;
    let admin = server.admin();
    assert_eq!(behaviour(&admin).await, RunTaskBehaviour::Unset);
    for wanted in [
        RunTaskBehaviour::Fail,
        RunTaskBehaviour::Fail,
        RunTaskBehaviour::Warn,
        RunTaskBehaviour::Unset,
        RunTaskBehaviour::Fail,
    ] {
        let body = on_untracked(Some(wanted));
        let answer = admin.update_run_task_config(&body).await.unwrap();
        assert_eq!(answer.on_untracked_image, wanted);
        assert_eq!(behaviour(&admin).await, wanted);
    }
    let answer = admin.update_run_task_config(&on_untracked(None)).await;
    assert_eq!(answer.unwrap().on_untracked_image, RunTaskBehaviour::Fail);
    expect_events(&server, "run_task.updated", 4);
    let path = admin.scope().unwrap().run_task_config();
    let body = json!({"on_untracked_image": "EXPLODE"});
    let answer = admin.send(Method::PATCH, &path, Some(&body)).await.unwrap();
    let text = String::from_utf8(answer.body).unwrap();
    assert_eq!(answer.status, 400, "{text}");
    assert!(text.contains("body.on_untracked_image"), "{text}");
}

#[tokio::test]
async fn the_registry_shows_the_address_and_the_settings_but_never_the_key() {
    let server = TestServer::start().await;
    let admin = server.admin();
    assert_eq!(shown(&admin).await, None);
    let task = see(&admin).await;
    let body = on_untracked(Some(RunTaskBehaviour::Fail));
    admin.update_run_task_config(&body).await.unwrap();
    let config = shown(&server.viewer().await).await.unwrap();
    assert!(task.api_url.ends_with(&config.api_id));
    assert_eq!(config.hmac_key, "");
    assert_eq!(config.on_untracked_image, RunTaskBehaviour::Fail);
}

#[tokio::test]
async fn only_an_admin_sees_the_key_and_changes_anything() {
    let server = TestServer::start().await;
    for client in [server.viewer().await, server.contributor().await] {
        let body = on_untracked(Some(RunTaskBehaviour::Fail));
        for answer in [
            refusal(client.get_registry_tfc_run_task_api("validation").await),
            refusal(client.regenerate_tfc_run_task_hmac_key().await),
            refusal(client.update_run_task_config(&body).await),
        ] {
            assert!(
                answer.starts_with("403/7") && answer.contains("the role admin"),
                "{answer}"
            );
        }
        assert_eq!(behaviour(&client).await, RunTaskBehaviour::Unset);
    }
    expect_events(&server, "run_task.created", 0);
}

#[tokio::test]
async fn each_project_has_its_own_and_sees_no_other() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let second = second_project(&server).await;
    let there = admin.with_scope(&second.organization_id, &second.id);
    let (here, away) = (see(&admin).await, see(&there).await);
    assert_ne!(here.api_url, away.api_url);
    assert_ne!(here.hmac_key, away.hmac_key);
    let scope = Scope::Project(server.project.id.clone());
    let local = server.principal("local", scope, Role::Admin).await;
    assert_eq!(see(&local).await, here);
    let there = local.with_scope(&second.organization_id, &second.id);
    let answer = there.get_registry_tfc_run_task_api("validation").await;
    assert!(refusal(answer).starts_with("404/5"));
}

#[tokio::test]
async fn there_is_one_type_of_run_tasks() {
    let server = TestServer::start().await;
    let answer = server.admin().get_registry_tfc_run_task_api("apply").await;
    let answer = refusal(answer);
    assert!(answer.starts_with("400/3 path.task_type"), "{answer}");
}

#[tokio::test]
async fn the_address_answers_anybody_that_it_is_not_built_yet() {
    let server = TestServer::start().await;
    let url = see(&server.admin()).await.api_url;
    let path = url.strip_prefix(&server.state.public_url).unwrap();
    let anonymous = server.anonymous();
    for (method, path, status) in [
        (Method::POST, path, 501),
        (Method::POST, "/packer/run-tasks/none", 501),
        (Method::GET, path, 405),
    ] {
        let answer = anonymous.send(method, path, Some(&json!({}))).await;
        let answer = answer.unwrap();
        let body: serde_json::Value = answer.json().unwrap();
        assert_eq!((answer.status, &body["code"]), (status, &json!(12)));
    }
}

#[tokio::test]
async fn a_new_registry_has_a_new_run_task() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let before = see(&admin).await;
    let body = on_untracked(Some(RunTaskBehaviour::Fail));
    admin.update_run_task_config(&body).await.unwrap();
    admin.delete_registry().await.unwrap();
    let answer = admin.get_registry_tfc_run_task_api("validation").await;
    assert!(refusal(answer).starts_with("404/5 registry"));
    assert!(refusal(admin.regenerate_tfc_run_task_hmac_key().await).starts_with("404/5"));
    let body = CreateRegistryBody::default();
    admin.create_registry(&body).await.unwrap();
    assert_eq!(behaviour(&admin).await, RunTaskBehaviour::Unset);
    let now = see(&admin).await;
    assert_ne!(now.api_url, before.api_url);
    assert_ne!(now.hmac_key, before.hmac_key);
}
