//! What is refused before an operation looks at it: who may not, bodies that cannot be read,
//! logins that fail.

use serde_json::json;
use touchmark_client::Method;
use touchmark_tests::{Story, TestServer};

use crate::{document::Document, errors::refusals, examine::examine, teller::Teller};

#[tokio::test]
async fn a_body_that_is_no_json_or_too_large_is_refused_in_json() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let operation = Document::get().operation("CreateBucket");
    let path = operation.path(&server, &[]);
    let large = format!(r#"{{"name":"a","description":"{}"}}"#, "x".repeat(3 << 20));
    for (bytes, expected) in [
        (b"not json".to_vec(), (400, 3)),
        (b"[]".to_vec(), (400, 3)),
        (b"\xff\xfe".to_vec(), (400, 3)),
        (large.into_bytes(), (413, 8)),
    ] {
        let answer = admin.send_bytes(Method::PUT, &path, Some(bytes)).await;
        let answer = answer.expect("an answer");
        let body = examine(operation, &answer);
        assert_eq!(
            (answer.status, &body["code"]),
            (expected.0, &json!(expected.1))
        );
    }
}

#[tokio::test]
async fn a_login_that_fails_says_so_as_oauth_does() {
    let server = TestServer::start().await;
    let mut teller = Teller::new(&server, server.admin());
    let login = "client_id=nobody&client_secret=wrong";
    let mut seen = Vec::new();
    for form in [
        format!("grant_type=client_credentials&{login}"),
        format!("grant_type=password&{login}"),
        format!("grant_type=client_credentials&audience=else&{login}"),
        "grant_type=client_credentials".to_owned(),
    ] {
        let (status, answer) = teller.token("", &form).await;
        seen.push(format!("{form} {status} {}", answer["error"]));
    }
    let basic = "Authorization: Basic bm9ib2R5Ondyb25n\r\n";
    let (status, answer) = teller.token(basic, "grant_type=client_credentials").await;
    seen.push(format!("Basic {status} {}", answer["error"]));
    insta::assert_snapshot!(seen.join("\n"), @r#"
    grant_type=client_credentials&client_id=nobody&client_secret=wrong 401 "invalid_client"
    grant_type=password&client_id=nobody&client_secret=wrong 400 "unsupported_grant_type"
    grant_type=client_credentials&audience=else&client_id=nobody&client_secret=wrong 400 "invalid_request"
    grant_type=client_credentials 400 "invalid_request"
    Basic 401 "invalid_client"
    "#);
}

#[tokio::test]
async fn a_role_that_does_not_reach_and_a_foreign_project_are_told_apart() {
    let server = TestServer::start().await;
    server.admin().bucket("a").await;
    let mut teller = Teller::new(&server, server.viewer().await);
    let seen = refusals(
        &mut teller,
        vec![
            ("CreateBucket", "", Some(json!({"name": "b"}))),
            ("DeleteBucket", "bucket_name=a", None),
            ("GetChannel", "bucket_name=a channel_name=latest", None),
            (
                "UpdateRegistry",
                "",
                Some(json!({"update_mask": "activated"})),
            ),
            ("ProjectService_List", "", None),
        ],
    )
    .await;
    insta::assert_snapshot!(seen, @r#"
    CreateBucket  {"name":"b"} -> 403/7
    DeleteBucket bucket_name=a  -> 403/7
    GetChannel bucket_name=a channel_name=latest  -> 403/7
    UpdateRegistry  {"update_mask":"activated"} -> 403/7
    ProjectService_List   -> 403/7
    "#);

    let operation = Document::get().operation("ListBuckets");
    let path = operation.path(&server, &[]);
    let foreign = path.replace(&server.project.id, &server.project.organization_id);
    let answer = server.admin().send(Method::GET, &foreign, None).await;
    let answer = answer.expect("an answer");
    let body = examine(operation, &answer);
    assert_eq!((answer.status, &body["code"]), (404, &json!(5)));
}
