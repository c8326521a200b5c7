//! How much of each thing there can be, and how much a list hands out at once.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that cannot go on has failed"
)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use touchmark_client::Method;
use touchmark_tests::{
    Client, RUN, Story, TestServer, refusal,
    wire::{bucket::CreateBucketBody, build::CreateBuildBody, channel::CreateChannelBody},
};

use crate::{
    errors::fault,
    kit::{Steps as _, bucket_named, expect_events, page},
};

#[tokio::test]
async fn a_bucket_has_at_most_64_labels_of_128_bytes_and_1_kib() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let with = |name: &str, labels: BTreeMap<String, String>| CreateBucketBody {
        labels,
        ..bucket_named(name)
    };
    let many = |count: usize| (0..count).map(|n| (n.to_string(), "x".into())).collect();
    let one = |key: usize, value: usize| BTreeMap::from([("k".repeat(key), "v".repeat(value))]);
    for labels in [many(65), one(129, 1), one(1, 1_025), one(0, 1)] {
        let refused = refusal(admin.create_bucket(&with("x", labels)).await);
        assert!(refused.starts_with("400/3 labels"), "{refused}");
    }
    expect_events(&server, "bucket.created", 0);
    admin.create_bucket(&with("a", many(64))).await.unwrap();
    admin
        .create_bucket(&with("b", one(128, 1_024)))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_buckets_description_has_at_most_255_bytes() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let with = |text: String| CreateBucketBody {
        description: text,
        ..bucket_named("alpine")
    };
    let refused = refusal(admin.create_bucket(&with("ü".repeat(128))).await);
    assert!(refused.starts_with("400/3 description"), "{refused}");
    admin.create_bucket(&with("x".repeat(255))).await.unwrap();
}

#[tokio::test]
async fn a_version_has_at_most_500_builds() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let version = admin.version("alpine", "one").await.id;
    server.execute(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 499)
         INSERT INTO builds (id, version_id, sequence, component_type, status, status_reason,
             packer_run_uuid, platform, source_external_identifier, parent_version_id,
             parent_channel_id, labels, created_at, updated_at)
         SELECT 'b' || i, '{version}', -i, 'c' || i, 'UNSET', '', '', '', '', '', '', '{{}}', 0, 0
         FROM n;"
    ));
    admin.build("alpine", "one", "last").await;
    let body = CreateBuildBody {
        component_type: "more".into(),
        packer_run_uuid: RUN.into(),
        ..CreateBuildBody::default()
    };
    let refused = refusal(admin.create_build("alpine", "one", &body).await);
    assert_eq!(refused, "400/9 a version has at most 500 builds");
    expect_events(&server, "build.created", 1);
    let all = admin.list_builds("alpine", "one", &page(1_000)).await;
    assert_eq!(all.unwrap().builds.len(), 500);
}

#[tokio::test]
async fn a_bucket_has_at_most_500_channels() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let bucket = admin.see_bucket("alpine").await.id;
    server.execute(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 498)
         INSERT INTO channels (id, bucket_id, name, managed, restricted, author_id, created_at,
             updated_at)
         SELECT 'c' || i, bucket_id, 'c' || i, managed, restricted, '', 0, 0
         FROM n, channels WHERE bucket_id = '{bucket}';"
    ));
    admin.channel("alpine", "last", "").await;
    let body = CreateChannelBody {
        name: "more".into(),
        ..CreateChannelBody::default()
    };
    let refused = refusal(admin.create_channel("alpine", &body).await);
    assert_eq!(refused, "400/9 a bucket has at most 500 channels");
    let all = admin.list_channels("alpine").await.unwrap();
    assert_eq!(all.channels.len(), 500);
}

#[tokio::test]
async fn a_page_has_100_rows_and_at_most_1000() {
    let server = TestServer::start().await;
    let admin = server.admin();
    server.execute(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1001)
         INSERT INTO buckets (id, project_id, name, description, labels, platforms, revision,
             last_number, version_count, created_at, updated_at, changed_at)
         SELECT 'b' || i, '{}', 'b' || i, '', '{{}}', '[]', 1, 0, 0, i, i, i FROM n;",
        server.project.id
    ));
    for (size, expected) in [("", 100), ("0", 100), ("1000", 1_000), ("1000000", 1_000)] {
        let answer = list(&admin, &format!("pagination.page_size={size}")).await;
        assert_eq!(answer.as_array().unwrap().len(), expected, "{size}");
    }
}

async fn list(client: &Client, query: &str) -> Value {
    let path = format!("{}?{query}", client.scope().unwrap().buckets());
    let answer = client.send(Method::GET, &path, None).await.unwrap();
    let mut json: Value = answer.json().unwrap();
    json["buckets"].take()
}

#[tokio::test]
async fn a_list_is_sorted_only_by_what_it_has_an_index_for() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.version("alpine", "one").await;
    let scope = admin.scope().unwrap();
    let lists = [
        scope.buckets(),
        scope.versions("alpine"),
        scope.builds("alpine", "one"),
        scope.channel_history("alpine", "latest"),
        scope.bucket_ancestry("alpine"),
        scope.enforced_blocks(),
    ];
    for path in lists {
        for (query, field) in [
            ("sorting.order_by=description", "sorting.order_by"),
            ("sorting.order_by=name%20sideways", "sorting.order_by"),
            ("sorting.order_by=%F0%9F%90%A7", "sorting.order_by"),
            ("pagination.page_size=-1", "pagination.page_size"),
            ("pagination.page_size=1e3", "pagination.page_size"),
            (
                "pagination.page_size=99999999999999999999",
                "pagination.page_size",
            ),
            (
                "pagination.next_page_token=junk",
                "pagination.next_page_token",
            ),
            (
                "pagination.previous_page_token=e30",
                "pagination.previous_page_token",
            ),
            (
                "pagination.next_page_token=a&pagination.previous_page_token=b",
                "pagination.previous_page_token",
            ),
        ] {
            let path = format!("{path}?{query}");
            let answer = admin.send(Method::GET, &path, None).await.unwrap();
            assert_eq!(fault(&answer), format!("400/3 {field}"), "{path}");
        }
    }
}

#[tokio::test]
async fn a_token_of_a_page_that_was_made_up_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.bucket("debian").await;
    for (field, key) in [
        ("name", json!("\0")),
        ("name", json!(7)),
        ("created_at", json!("x")),
    ] {
        let token = json!({"field": field, "descending": false, "backward": false,
            "cursor": {"key": key, "id": ""}});
        let token = base64(token.to_string().as_bytes());
        let path = format!(
            "{}?sorting.order_by={field}&pagination.next_page_token={token}",
            admin.scope().unwrap().buckets()
        );
        let answer = admin.send(Method::GET, &path, None).await.unwrap();
        assert_eq!(fault(&answer), "400/3 pagination.next_page_token", "{key}");
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, n| {
            bits << 8 | u32::from(chunk.get(n).copied().unwrap_or(0))
        });
        for place in 0..=chunk.len() {
            let digit = (bits >> (18 - 6 * place)) & 63;
            out.push(char::from(DIGITS[digit as usize]));
        }
    }
    out
}
