//! Every operation of the description is routed, guarded, and built or said not to be.

use std::collections::BTreeSet;

use serde_json::json;
use touchmark_client::Method;
use touchmark_tests::{Answer, Client, TestServer};

use crate::{
    document::{Document, Operation, unsupported},
    examine::{examine, examine_refusal},
};

async fn call(client: &Client, server: &TestServer, operation: &Operation) -> Answer {
    let body = operation.has_body.then(|| json!({}));
    let path = operation.placeholder(server);
    let answer = client.send(operation.method.clone(), &path, body.as_ref());
    answer.await.expect("an answer")
}

#[test]
fn the_description_has_every_operation_once() {
    let all = &Document::get().operations;
    let ids: BTreeSet<&str> = all.iter().map(|operation| operation.id.as_str()).collect();
    assert_eq!((all.len(), ids.len()), (77, 77));
    let main = all
        .iter()
        .filter(|operation| operation.path.starts_with("/packer/2023-01-01/"));
    assert_eq!(main.count(), 52, "the protocol has 52");
    for id in unsupported() {
        assert!(ids.contains(id.as_str()), "unsupported.txt invents {id}");
    }
}

#[tokio::test]
async fn every_operation_is_routed() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for operation in &Document::get().operations {
        let answer = call(&admin, &server, operation).await;
        let body = examine(operation, &answer);
        let message = body["message"].as_str().unwrap_or_default();
        assert!(
            answer.status != 405 && !message.starts_with("route with identifier"),
            "{} {} is not routed: {} {message}",
            operation.method,
            operation.path,
            answer.status,
        );
    }
}

#[tokio::test]
async fn every_operation_asks_for_a_token() {
    let server = TestServer::start().await;
    let anonymous = server.anonymous();
    let forged = server.build(|builder| builder.token("e30.e30.e30"));
    let mut open = Vec::new();
    for operation in &Document::get().operations {
        if operation.open {
            open.push(operation.id.as_str());
            continue;
        }
        for client in [&anonymous, &forged] {
            let answer = call(client, &server, operation).await;
            let body = examine(operation, &answer);
            let id = &operation.id;
            assert_eq!((answer.status, &body["code"]), (401, &json!(16)), "{id}");
        }
    }
    open.sort_unstable();
    let expected = [
        "OAuth2_Token",
        "ServicePrincipalsService_ExchangeWorkloadIdentityToken",
    ];
    assert_eq!(open, expected);
}

#[tokio::test]
async fn operations_that_are_not_built_say_so_and_no_others_do() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let mut said = BTreeSet::new();
    for operation in &Document::get().operations {
        let answer = call(&admin, &server, operation).await;
        let body = examine(operation, &answer);
        if answer.status == 501 {
            assert_eq!(body["code"], 12, "{}", operation.id);
            said.insert(operation.id.clone());
        }
    }
    assert_eq!(said, unsupported());
}

#[tokio::test]
async fn unknown_routes_and_methods_are_refused_in_json() {
    let server = TestServer::start().await;
    let project = format!(
        "organizations/{}/projects/{}",
        server.project.organization_id, server.project.id
    );
    let mut seen = Vec::new();
    for (method, path) in [
        (Method::GET, "/nowhere".to_owned()),
        (Method::GET, format!("/packer/2023-01-01/{project}/nowhere")),
        (
            Method::GET,
            format!("/packer/2023-01-01/{project}/buckets/a/nowhere"),
        ),
        (Method::GET, format!("/packer/2021-04-30/{project}/nowhere")),
        (
            Method::POST,
            format!("/packer/2023-01-01/{project}/buckets"),
        ),
        (
            Method::PUT,
            format!("/packer/2023-01-01/{project}/buckets/a/channels/b"),
        ),
        (Method::GET, "/oauth2/token".to_owned()),
    ] {
        let answer = server.admin().send(method.clone(), &path, None).await;
        let answer = answer.expect("an answer");
        let body = examine_refusal(&path, &answer);
        let place = path.replace(&project, "…");
        seen.push(format!(
            "{method} {place} {}/{}",
            answer.status, body["code"]
        ));
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    GET /nowhere 404/5
    GET /packer/2023-01-01/…/nowhere 404/5
    GET /packer/2023-01-01/…/buckets/a/nowhere 404/5
    GET /packer/2021-04-30/…/nowhere 404/5
    POST /packer/2023-01-01/…/buckets 405/12
    PUT /packer/2023-01-01/…/buckets/a/channels/b 405/12
    GET /oauth2/token 405/12
    ");
}
