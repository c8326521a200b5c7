//! Refusals: each a `google.rpc.Status` in JSON whose code goes with its HTTP status.

use serde_json::{Value, json};
use touchmark_tests::{Story, TestServer};

use crate::teller::Teller;

/// Calls and what they are refused with, a line for each.
pub(crate) async fn refusals(
    teller: &mut Teller<'_>,
    calls: Vec<(&str, &str, Option<Value>)>,
) -> String {
    let mut lines = Vec::new();
    for (call, values, body) in calls {
        let pairs: Vec<(&str, &str)> = values
            .split_whitespace()
            .filter_map(|pair| pair.split_once('='))
            .collect();
        let shown = body.as_ref().map_or(String::new(), Value::to_string);
        let (status, answer) = teller.ask(call, &pairs, body).await;
        lines.push(format!(
            "{call} {values} {shown} -> {status}/{}",
            answer["code"]
        ));
    }
    lines.join("\n")
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "it is one table of calls")]
async fn what_is_not_there_is_refused_with_404_but_an_unknown_fingerprint_with_409() {
    let server = TestServer::start().await;
    server.admin().bucket("a").await;
    server.admin().version("a", "f").await;
    let mut teller = Teller::new(&server, server.admin());
    let seen = refusals(
        &mut teller,
        vec![
            ("GetBucket", "bucket_name=none", None),
            ("UpdateBucket", "bucket_name=none", Some(json!({}))),
            ("DeleteBucket", "bucket_name=none", None),
            ("ListVersions", "bucket_name=none", None),
            ("ListChannels", "bucket_name=none", None),
            ("GetVersion", "bucket_name=none fingerprint=f", None),
            ("GetVersion", "bucket_name=a fingerprint=none", None),
            (
                "UpdateVersion",
                "bucket_name=a fingerprint=none",
                Some(json!({"complete": true})),
            ),
            ("DeleteVersion", "bucket_name=a fingerprint=none", None),
            ("ListBuilds", "bucket_name=a fingerprint=none", None),
            (
                "CreateBuild",
                "bucket_name=a fingerprint=none",
                Some(json!({"component_type": "c"})),
            ),
            (
                "UpdateBuild",
                "bucket_name=a fingerprint=none build_id=b",
                Some(json!({})),
            ),
            (
                "UpdateBuild",
                "bucket_name=a fingerprint=f build_id=b",
                Some(json!({})),
            ),
            ("GetBuild", "bucket_name=a fingerprint=f build_id=b", None),
            (
                "DeleteBuild",
                "bucket_name=a fingerprint=f build_id=b",
                None,
            ),
            ("GetChannel", "bucket_name=a channel_name=none", None),
            (
                "UpdateChannel",
                "bucket_name=a channel_name=none",
                Some(json!({"update_mask": "restricted"})),
            ),
            ("DeleteChannel", "bucket_name=a channel_name=none", None),
            (
                "ListChannelAssignmentHistory",
                "bucket_name=a channel_name=none",
                None,
            ),
            (
                "GetIteration_20210430?fingerprint=none",
                "bucket_slug=a",
                None,
            ),
            ("GetChannel_20210430", "bucket_slug=a slug=none", None),
            ("OperationService_Get", "id=none", None),
            ("ProjectService_Get", "id=none", None),
            ("OrganizationService_Get", "id=none", None),
        ],
    )
    .await;
    insta::assert_snapshot!(seen, @r#"
    GetBucket bucket_name=none  -> 404/5
    UpdateBucket bucket_name=none {} -> 404/5
    DeleteBucket bucket_name=none  -> 404/5
    ListVersions bucket_name=none  -> 404/5
    ListChannels bucket_name=none  -> 404/5
    GetVersion bucket_name=none fingerprint=f  -> 404/5
    GetVersion bucket_name=a fingerprint=none  -> 409/10
    UpdateVersion bucket_name=a fingerprint=none {"complete":true} -> 409/10
    DeleteVersion bucket_name=a fingerprint=none  -> 404/5
    ListBuilds bucket_name=a fingerprint=none  -> 409/10
    CreateBuild bucket_name=a fingerprint=none {"component_type":"c"} -> 409/10
    UpdateBuild bucket_name=a fingerprint=none build_id=b {} -> 404/5
    UpdateBuild bucket_name=a fingerprint=f build_id=b {} -> 404/5
    GetBuild bucket_name=a fingerprint=f build_id=b  -> 404/5
    DeleteBuild bucket_name=a fingerprint=f build_id=b  -> 404/5
    GetChannel bucket_name=a channel_name=none  -> 404/5
    UpdateChannel bucket_name=a channel_name=none {"update_mask":"restricted"} -> 404/5
    DeleteChannel bucket_name=a channel_name=none  -> 404/5
    ListChannelAssignmentHistory bucket_name=a channel_name=none  -> 404/5
    GetIteration_20210430?fingerprint=none bucket_slug=a  -> 409/10
    GetChannel_20210430 bucket_slug=a slug=none  -> 404/5
    OperationService_Get id=none  -> 404/5
    ProjectService_Get id=none  -> 404/5
    OrganizationService_Get id=none  -> 404/5
    "#);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "it is one table of calls")]
async fn duplicates_and_wrong_states_are_refused_with_their_codes() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("a").await;
    admin.complete("a", "f").await;
    admin.version("a", "open").await;
    admin.build("a", "open", "c").await;
    admin.channel("a", "stable", "f").await;
    let mut teller = Teller::new(&server, admin);
    let assign = |fingerprint: &str| json!({"update_mask": "versionFingerprint", "version_fingerprint": fingerprint});
    let seen = refusals(
        &mut teller,
        vec![
            ("CreateRegistry", "", Some(json!({}))),
            ("CreateBucket", "", Some(json!({"name": "a"}))),
            (
                "CreateVersion",
                "bucket_name=a",
                Some(json!({"fingerprint": "f"})),
            ),
            (
                "CreateBuild",
                "bucket_name=a fingerprint=open",
                Some(json!({"component_type": "c"})),
            ),
            (
                "CreateChannel",
                "bucket_name=a",
                Some(json!({"name": "stable"})),
            ),
            (
                "CreateChannel",
                "bucket_name=a",
                Some(json!({"name": "latest"})),
            ),
            (
                "CreateBuild",
                "bucket_name=a fingerprint=f",
                Some(json!({"component_type": "d"})),
            ),
            (
                "UpdateVersion",
                "bucket_name=a fingerprint=open",
                Some(json!({"complete": true})),
            ),
            (
                "UpdateVersion",
                "bucket_name=a fingerprint=f",
                Some(json!({"restore": true})),
            ),
            (
                "UpdateChannel",
                "bucket_name=a channel_name=stable",
                Some(assign("open")),
            ),
            (
                "UpdateChannel",
                "bucket_name=a channel_name=latest",
                Some(assign("f")),
            ),
            ("DeleteVersion", "bucket_name=a fingerprint=f", None),
            ("DeleteRegistry", "", None),
        ],
    )
    .await;
    insta::assert_snapshot!(seen, @r#"
    CreateRegistry  {} -> 409/6
    CreateBucket  {"name":"a"} -> 409/6
    CreateVersion bucket_name=a {"fingerprint":"f"} -> 409/6
    CreateBuild bucket_name=a fingerprint=open {"component_type":"c"} -> 409/6
    CreateChannel bucket_name=a {"name":"stable"} -> 409/6
    CreateChannel bucket_name=a {"name":"latest"} -> 409/6
    CreateBuild bucket_name=a fingerprint=f {"component_type":"d"} -> 400/9
    UpdateVersion bucket_name=a fingerprint=open {"complete":true} -> 400/9
    UpdateVersion bucket_name=a fingerprint=f {"restore":true} -> 400/9
    UpdateChannel bucket_name=a channel_name=stable {"update_mask":"versionFingerprint","version_fingerprint":"open"} -> 400/9
    UpdateChannel bucket_name=a channel_name=latest {"update_mask":"versionFingerprint","version_fingerprint":"f"} -> 400/9
    DeleteVersion bucket_name=a fingerprint=f  -> 400/9
    DeleteRegistry   -> 400/9
    "#);
}

#[tokio::test]
async fn an_unknown_fingerprint_for_a_channel_is_named_in_the_words_that_tests_look_for() {
    let server = TestServer::start().await;
    server.admin().bucket("a").await;
    server.admin().channel("a", "stable", "").await;
    let mut teller = Teller::new(&server, server.admin());
    let values = [("bucket_name", "a"), ("channel_name", "stable")];
    let body = json!({"update_mask": "versionFingerprint", "version_fingerprint": "xyz"});
    let (_, answer) = teller.ask("UpdateChannel", &values, Some(body)).await;
    let message = answer["message"].as_str().expect("a message");
    let wanted = "version with fingerprint (fingerprint: xyz) does not exist";
    assert!(message.contains(wanted), "{message}");
    assert!(!message.contains('\n'), "{message}");
}

#[tokio::test]
async fn values_that_cannot_be_used_are_refused_with_400() {
    let server = TestServer::start().await;
    server.admin().bucket("a").await;
    server.admin().complete("a", "f").await;
    let mut teller = Teller::new(&server, server.admin());
    let both = json!({"revoke_at": "2030-01-01T00:00:00Z", "revoke_in": "1h"});
    let seen = refusals(
        &mut teller,
        vec![
            ("CreateBucket", "", Some(json!({}))),
            ("CreateBucket", "", Some(json!({"name": "-a"}))),
            ("CreateBucket", "", Some(json!({"name": 1}))),
            ("ListBuckets?sorting.order_by=colour", "", None),
            ("ListBuckets?pagination.page_size=many", "", None),
            ("CreateVersion", "bucket_name=a", Some(json!({}))),
            (
                "CreateVersion",
                "bucket_name=a",
                Some(json!({"fingerprint": "a/b"})),
            ),
            ("UpdateVersion", "bucket_name=a fingerprint=f", Some(both)),
            (
                "UpdateVersion",
                "bucket_name=a fingerprint=f",
                Some(json!({"revoke_in": "-1h"})),
            ),
            (
                "UpdateChannel",
                "bucket_name=a channel_name=none",
                Some(json!({})),
            ),
            ("DeleteChannel", "bucket_name=a channel_name=latest", None),
            ("SearchExternalArtifact", "", Some(json!({}))),
            ("GetIteration_20210430", "bucket_slug=a", None),
        ],
    )
    .await;
    insta::assert_snapshot!(seen, @r#"
    CreateBucket  {} -> 400/3
    CreateBucket  {"name":"-a"} -> 400/3
    CreateBucket  {"name":1} -> 400/3
    ListBuckets?sorting.order_by=colour   -> 400/3
    ListBuckets?pagination.page_size=many   -> 400/3
    CreateVersion bucket_name=a {} -> 400/3
    CreateVersion bucket_name=a {"fingerprint":"a/b"} -> 400/3
    UpdateVersion bucket_name=a fingerprint=f {"revoke_at":"2030-01-01T00:00:00Z","revoke_in":"1h"} -> 400/3
    UpdateVersion bucket_name=a fingerprint=f {"revoke_in":"-1h"} -> 400/3
    UpdateChannel bucket_name=a channel_name=none {} -> 400/3
    DeleteChannel bucket_name=a channel_name=latest  -> 400/3
    SearchExternalArtifact  {} -> 400/3
    GetIteration_20210430 bucket_slug=a  -> 400/3
    "#);
}
