//! Our own face against its own description: the same routes in both, each guarded, each with what a caller
//! needs to know.

use std::collections::BTreeSet;

use regex_lite::Regex;
use serde_json::{Value, json};
use touchmark_client::Method;
use touchmark_tests::{Client, TestServer, wire::paths};

use crate::{
    document::{Document, Operation},
    examine::{examine, examine_refusal},
};

const PREFIX: &str = "/api/v1";

/// The routes of the route table, as `GET /whoami`.
fn routed() -> BTreeSet<String> {
    let source = include_str!("../../registry/src/api/own/mod.rs");
    let resource = Regex::new(r#"(?s)at\("([^"]+)"\)(.*?)(?:table\.at|\n\})"#).expect("a pattern");
    let method = Regex::new(r"\b(get|post|put|patch|delete)\(\)\.to\(").expect("a pattern");
    let mut found = BTreeSet::new();
    let mut from = 0;
    while let Some(one) = resource.captures_at(source, from) {
        let path = one.get(1).expect("a path");
        let rest = one.get(2).expect("methods");
        for method in method.captures_iter(rest.as_str()) {
            let method = method.get(1).expect("a method").as_str().to_uppercase();
            found.insert(format!("{method} {PREFIX}{}", path.as_str()));
        }
        from = rest.end();
    }
    found
}

fn described() -> BTreeSet<String> {
    let operations = Document::own().operations.iter();
    operations
        .map(|operation| format!("{} {}", operation.method, operation.path))
        .collect()
}

async fn call(client: &Client, operation: &Operation, server: &TestServer) -> (u16, Value) {
    let body = operation.has_body.then(|| json!({}));
    let path = operation.placeholder(server);
    let method = operation.method.clone();
    let answer = client.send(method, &path, body.as_ref()).await;
    let answer = answer.expect("an answer");
    (answer.status, examine(operation, &answer))
}

#[test]
fn the_description_and_the_route_table_have_the_same_routes() {
    assert_eq!(routed(), described());
    assert!(described().len() > 15);
}

#[tokio::test]
async fn the_description_is_served_to_everybody() {
    let server = TestServer::start().await;
    let answer = server
        .anonymous()
        .send(Method::GET, paths::OPENAPI, None)
        .await
        .expect("an answer");
    assert_eq!(answer.status, 200);
    let shown: Value = answer.json().expect("JSON");
    assert_eq!(&shown, Document::own().root());
}

#[tokio::test]
async fn every_operation_is_routed_and_asks_for_a_token() {
    let server = TestServer::start().await;
    let (admin, anonymous) = (server.admin(), server.anonymous());
    for operation in &Document::own().operations {
        let (status, body) = call(&admin, operation, &server).await;
        let message = body["message"].as_str().unwrap_or_default();
        let id = &operation.id;
        assert!(
            status != 405 && !message.starts_with("route"),
            "{id}: {message}"
        );
        let (status, body) = call(&anonymous, operation, &server).await;
        if operation.open || id == "GetDescription" {
            assert_eq!(status, 200, "{id}");
        } else {
            assert_eq!((status, &body["code"]), (401, &json!(16)), "{id}");
        }
    }
}

#[tokio::test]
async fn unknown_routes_and_methods_are_refused_in_json() {
    let server = TestServer::start().await;
    let all = [
        Method::GET,
        Method::POST,
        Method::PUT,
        Method::PATCH,
        Method::DELETE,
    ];
    let described = described();
    for operation in &Document::own().operations {
        for method in &all {
            if described.contains(&format!("{method} {}", operation.path)) {
                continue;
            }
            let path = operation.placeholder(&server);
            let answer = server.admin().send(method.clone(), &path, None).await;
            let answer = answer.expect("an answer");
            let body = examine_refusal(&path, &answer);
            let seen = (answer.status, &body["code"]);
            assert_eq!(seen, (405, &json!(12)), "{method} {path}");
        }
    }
    for path in ["/api/v1", "/api/v1/", "/api/v1/nowhere", "/api/v1/events/1"] {
        let answer = server.admin().send(Method::GET, path, None).await;
        let answer = answer.expect("an answer");
        let body = examine_refusal(path, &answer);
        assert_eq!((answer.status, &body["code"]), (404, &json!(5)), "{path}");
    }
}

#[test]
fn every_operation_says_what_it_is_and_how_it_is_refused() {
    let paths = Document::own().root()["paths"].as_object().expect("paths");
    let mut ids = BTreeSet::new();
    for operation in paths
        .values()
        .flat_map(|path| path.as_object().expect("methods").values())
    {
        let id = operation["operationId"].as_str().expect("a name");
        assert!(ids.insert(id), "{id} twice");
        for text in ["summary", "description"] {
            assert!(
                operation[text]
                    .as_str()
                    .is_some_and(|text| !text.is_empty()),
                "{id}"
            );
        }
        let responses = operation["responses"].as_object().expect("responses");
        let open = operation.get("security").is_some();
        assert!(
            open || ["401", "403", "503"]
                .iter()
                .all(|code| responses.contains_key(*code)),
            "{id}"
        );
        let none = Vec::new();
        for parameter in operation["parameters"].as_array().unwrap_or(&none) {
            let schema = &parameter["schema"];
            let bounded = ["maxLength", "maximum", "enum", "format", "maxProperties"];
            assert!(
                bounded.iter().any(|key| schema.get(key).is_some()),
                "{id}: {parameter}"
            );
        }
    }
}
