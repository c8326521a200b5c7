//! Operations: done by the time anybody can ask for them.

use std::time::Duration;

use touchmark_tests::{TestServer, refusal, wire::operation::OperationState};

use crate::{
    kit::{revoke_in, second_project},
    revocations::alpine,
};

#[tokio::test]
async fn the_operation_of_an_update_is_done_and_can_be_asked_for() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let answer = admin
        .update_version("alpine", "one", &revoke_in("1h"))
        .await
        .unwrap();
    let operation = answer.operation.expect("an operation");
    assert_eq!(
        (operation.state, operation.error.clone()),
        (OperationState::Done, None)
    );
    let found = admin.get_operation(&operation.id).await.unwrap();
    assert_eq!(found.operation.as_ref(), Some(&operation));
    let waited = admin
        .wait_operation(&operation.id, Duration::from_secs(5))
        .await
        .unwrap();
    assert_eq!(waited.operation.as_ref(), Some(&operation));
    let anywhere = admin.with_scope(&server.project.organization_id, "-");
    let found = anywhere.get_operation(&operation.id).await.unwrap();
    assert_eq!(found.operation, Some(operation));
}

#[tokio::test]
async fn an_operation_of_another_project_is_not_found() {
    let server = TestServer::start().await;
    let admin = alpine(&server).await;
    let answer = admin
        .update_version("alpine", "one", &revoke_in("1h"))
        .await
        .unwrap();
    let id = answer.operation.expect("an operation").id;
    let second = second_project(&server).await;
    let there = admin.with_scope(&second.organization_id, &second.id);
    assert!(refusal(there.get_operation(&id).await).starts_with("404/5"));
    assert!(refusal(admin.get_operation("nope").await).starts_with("404/5"));
}
