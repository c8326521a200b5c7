//! What cannot be read or used is refused with its name, whichever operation it is sent to, and nothing of
//! it is written.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that cannot go on has failed"
)]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use serde_json::{Value, json};
use touchmark_client::Method;
use touchmark_registry::store::events;
use touchmark_tests::{Client, Story, TestServer, wire::error::Status};

use crate::{
    errors::fault,
    kit::{Steps as _, header, http},
};

/// What a field of a body holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Text whose length is limited.
    Text,
    /// Text that is compared, never stored.
    Free,
    Labels,
    Names,
    Artifacts,
    Value,
    Flag,
    Time,
    Id,
}

use Kind::{Artifacts, Flag, Free, Id, Labels, Names, Text, Time, Value as Choice};

/// An operation that reads a body: what it is sent beside the field that is broken, and its fields.
struct Write {
    method: Method,
    path: String,
    base: Value,
    fields: Vec<(&'static str, Kind)>,
}

fn write(method: Method, path: String, base: Value, fields: &[(&'static str, Kind)]) -> Write {
    Write {
        method,
        path,
        base,
        fields: fields.to_vec(),
    }
}

/// Bucket `alpine` with version `one`, a build, channel `prod` and an enforced block; and all operations
/// that have a body.
async fn operations(client: &Client) -> Vec<Write> {
    client.bucket("alpine").await;
    client.version("alpine", "one").await;
    let build = client.build("alpine", "one", "a").await;
    client.channel("alpine", "prod", "").await;
    let paths = client.scope().unwrap();
    let block = json!({"name": "b", "version": "1", "block_content": "x"});
    let path = paths.enforced_blocks();
    let answer = client.send(Method::PUT, &path, Some(&block)).await.unwrap();
    let answer: Value = answer.json().unwrap();
    let id = answer["enforced_block"]["id"].as_str().unwrap();
    let version = answer["enforced_block"]["latest_version"]["id"].as_str();
    let mut all = of_buckets(client, &build);
    all.extend(of_blocks(client, id, version.unwrap()));
    all
}

#[expect(clippy::too_many_lines, reason = "it is one table of requests")]
fn of_buckets(client: &Client, build: &str) -> Vec<Write> {
    let paths = client.scope().unwrap();
    let of_build = [
        ("artifacts", Artifacts),
        ("labels", Labels),
        ("packer_run_uuid", Id),
        ("parent_channel_id", Id),
        ("parent_version_id", Id),
        ("platform", Text),
        ("source_external_identifier", Text),
        ("status", Choice),
    ];
    let channel = [
        ("restricted", Flag),
        ("update_mask", Text),
        ("version_fingerprint", Text),
    ];
    let one = paths.version("alpine", "one");
    vec![
        write(
            Method::PUT,
            paths.registry(),
            json!({}),
            &[("feature_tier", Choice)],
        ),
        write(
            Method::PATCH,
            paths.registry(),
            json!({"update_mask": "activated"}),
            &[
                ("activated", Flag),
                ("feature_tier", Choice),
                ("update_mask", Text),
            ],
        ),
        write(
            Method::PUT,
            paths.buckets(),
            json!({"name": "new"}),
            &[("description", Text), ("labels", Labels), ("name", Text)],
        ),
        write(
            Method::PATCH,
            paths.bucket("alpine"),
            json!({}),
            &[("description", Text), ("labels", Labels)],
        ),
        write(
            Method::POST,
            paths.versions("alpine"),
            json!({"fingerprint": "new"}),
            &[("fingerprint", Text), ("template_type", Choice)],
        ),
        write(
            Method::PATCH,
            one,
            json!({"revoke_in": "1h"}),
            &[
                ("complete", Flag),
                ("disable_rollback_channels", Flag),
                ("restore", Flag),
                ("revocation_message", Text),
                ("revoke_at", Time),
                ("revoke_in", Text),
                ("skip_descendants_revocation", Flag),
            ],
        ),
        write(
            Method::POST,
            paths.builds("alpine", "one"),
            json!({"component_type": "new"}),
            &[&of_build[..], &[("component_type", Text)]].concat(),
        ),
        write(
            Method::PATCH,
            paths.build("alpine", "one", build),
            json!({}),
            &of_build,
        ),
        write(
            Method::POST,
            paths.channels("alpine"),
            json!({"name": "new"}),
            &[
                ("name", Text),
                ("restricted", Flag),
                ("version_fingerprint", Text),
            ],
        ),
        write(
            Method::PATCH,
            paths.channel("alpine", "prod"),
            json!({"update_mask": "versionFingerprint"}),
            &channel,
        ),
        write(
            Method::POST,
            paths.channel_assign("alpine"),
            json!({"source_channel": "prod", "target_channel": "prod"}),
            &[("source_channel", Text), ("target_channel", Text)],
        ),
        write(
            Method::POST,
            paths.search_external_artifact(),
            json!({"external_identifier": "x"}),
            &[
                ("external_identifier", Text),
                ("platform", Text),
                ("region", Text),
            ],
        ),
        write(
            Method::POST,
            paths.legacy_search_by_labels("alpine", "prod"),
            json!({}),
            &[("cloud_provider", Free), ("region", Free)],
        ),
    ]
}

fn of_blocks(client: &Client, block: &str, version: &str) -> Vec<Write> {
    let paths = client.scope().unwrap();
    let new = json!({"name": "new", "version": "1", "block_content": "x"});
    let of_version = [
        ("additional_description", Text),
        ("block_content", Text),
        ("template_type", Choice),
        ("version", Text),
    ];
    vec![
        write(
            Method::PUT,
            paths.enforced_blocks(),
            new,
            &[&of_version[..], &[("labels", Labels), ("name", Text)]].concat(),
        ),
        write(
            Method::PATCH,
            paths.enforced_block(block),
            json!({"update_mask": "name,labels", "name": "new"}),
            &[("labels", Labels), ("name", Text), ("update_mask", Text)],
        ),
        write(
            Method::PUT,
            paths.enforced_block_versions(block),
            json!({"version": "2", "block_content": "x"}),
            &of_version,
        ),
        write(
            Method::PATCH,
            paths.enforced_block_version(block, version),
            json!({"update_mask": "additionalDescription"}),
            &[("additional_description", Text), ("update_mask", Text)],
        ),
        write(
            Method::POST,
            paths.enforced_block_buckets(block, version),
            json!({}),
            &[("bucket_names", Names)],
        ),
    ]
}

/// Values that a field of this kind cannot have, as JSON text.
fn broken(kind: Kind) -> Vec<String> {
    let long = format!("\"{}\"", "x".repeat(5_000));
    let mut texts = vec![
        r#""\ud800""#.to_owned(),
        "1e999".to_owned(),
        "\"\n\"".to_owned(),
    ];
    let of_kind: &[&str] = match kind {
        Text => &["1", "true", "[]", "{}", r#""\u0000""#, &long],
        Free => &["1", "true", "[]", "{}"],
        Labels => &[
            "1",
            "[]",
            r#""x""#,
            r#"{"k":1}"#,
            r#"{"k":null}"#,
            r#"{"":"v"}"#,
            r#"{"k":"a","k":"b"}"#,
            r#"{"\u0000":"v"}"#,
            r#"{"k":"\u0000"}"#,
        ],
        Names => &[
            "1",
            "{}",
            r#""alpine""#,
            "[1]",
            "[null]",
            r#"[""]"#,
            r#"["\u0000"]"#,
        ],
        Artifacts => &[
            "1",
            "{}",
            "[1]",
            r#"[{"region":1}]"#,
            r#"[{"region":"\u0000"}]"#,
        ],
        Choice => &["1", "true", "[]", r#""NO_SUCH""#, r#""""#],
        Flag => &["1", r#""true""#, "[]"],
        Time => &[
            "1",
            r#""tomorrow""#,
            r#""2026-13-01T00:00:00Z""#,
            r#""2026-01-01""#,
            r#""99999-01-01T00:00:00Z""#,
        ],
        Id => &[
            "1",
            "{}",
            r#""8ZZZZZZZZZZZZZZZZZZZZZZZZZ""#,
            r#""x""#,
            r#""\u0000""#,
            &long,
        ],
    };
    texts.extend(of_kind.iter().map(|text| (*text).to_owned()));
    texts
}

/// The base with one field more, as text: what is broken about it need not be JSON.
fn with(base: &Value, field: &str, value: &str) -> Vec<u8> {
    let pairs = base.as_object().expect("an object").iter();
    let mut pairs: Vec<String> = pairs
        .filter(|(name, _)| *name != field)
        .map(|(name, value)| format!("{name:?}:{value}"))
        .collect();
    pairs.push(format!("{field:?}:{value}"));
    format!("{{{}}}", pairs.join(",")).into_bytes()
}

async fn recorded(server: &TestServer) -> usize {
    let log = server.state.store.read(|conn| events::after(conn, 0));
    log.await.expect("the log").len()
}

#[tokio::test]
async fn a_field_that_is_broken_is_named_by_every_operation() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let operations = operations(&admin).await;
    let before = recorded(&server).await;
    let mut wrong = Vec::new();
    for Write {
        method,
        path,
        base,
        fields,
    } in operations
    {
        for (field, kind) in fields {
            for value in broken(kind) {
                // As content that is not too long yet.
                if field == "block_content" && value.len() > 5_000 {
                    continue;
                }
                let body = with(&base, field, &value);
                let answer = admin.send_bytes(method.clone(), &path, Some(body)).await;
                let answer = answer.expect("an answer");
                let seen = fault(&answer);
                let named = value.starts_with("1e") || seen.contains(field);
                if !seen.starts_with("400/3") || !named {
                    wrong.push(format!("{method} {path} {field}={value:.40}: {seen}"));
                }
                assert!(answer.body.len() < 8_192, "{method} {path} {field}");
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(recorded(&server).await, before, "something was written");
}

#[tokio::test]
async fn a_body_that_is_broken_is_refused_by_every_operation() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let operations = operations(&admin).await;
    let before = recorded(&server).await;
    let deep = |open: &str, close: &str| open.repeat(10_000) + "1" + &close.repeat(10_000);
    let mut bodies: Vec<Vec<u8>> = [
        "{",
        "}",
        "x",
        "null",
        "true",
        "1",
        "\"x\"",
        "[]",
        "[{}]",
        "{} {}",
        "{}x",
        "{\"a\"}",
        "{\"a\":1,}",
        "{a:1}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "{\"a\":-}",
        "{\"a\":1e400}",
        "{\"a\":1,\"a\":1}",
        "{\"a\":{\"b\":1,\"b\":1}}",
        "\u{feff}{}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\ud800\\u0041\"}",
        "/* */{}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    bodies.push(b"{\"a\":\"\xff\"}".to_vec());
    bodies.push(b"\xff\xfe{\0}\0".to_vec());
    bodies.push(deep("[", "]").into_bytes());
    bodies.push(deep("{\"a\":", "}").into_bytes());
    bodies.push(format!("{{\"labels\":{}}}", deep("{\"a\":", "}")).into_bytes());
    bodies.push(format!("{{\"metadata\":{{\"packer\":{}}}}}", deep("[", "]")).into_bytes());
    let mut wrong = Vec::new();
    for Write { method, path, .. } in operations {
        for body in &bodies {
            let answer = admin.send_bytes(method.clone(), &path, Some(body.clone()));
            let seen = fault(&answer.await.expect("an answer"));
            if !seen.starts_with("400/3 body") {
                let body = String::from_utf8_lossy(body);
                wrong.push(format!("{method} {path} {body:.40}: {seen}"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(recorded(&server).await, before, "something was written");
}

#[tokio::test]
async fn fields_that_the_registry_owns_change_nothing() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let own = json!({"id": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "created_at": "2001-01-01T00:00:00Z",
        "updated_at": 7, "managed": true, "author_id": "somebody", "resource_name": "x",
        "version_count": "9", "latest_version": {"name": "v9"}, "number": 9, "status": null,
        "location": {"project_id": "x"}, "project_id": "x", "bucket_id": "x", "revision": 99,
        "enforced_block_id": "x", "sequence": 9});
    let put = async |method: Method, path: String, fields: Value| {
        let mut body = own.clone();
        let all = body.as_object_mut().unwrap();
        all.extend(fields.as_object().unwrap().clone());
        let answer = admin.send(method, &path, Some(&body)).await.unwrap();
        assert_eq!(answer.status, 200, "{path}");
        answer.json::<Value>().unwrap()
    };
    let paths = admin.scope().unwrap();
    put(Method::PUT, paths.buckets(), json!({"name": "alpine"})).await;
    put(
        Method::POST,
        paths.versions("alpine"),
        json!({"fingerprint": "one"}),
    )
    .await;
    put(
        Method::POST,
        paths.channels("alpine"),
        json!({"name": "prod"}),
    )
    .await;
    put(Method::PATCH, paths.bucket("alpine"), json!({})).await;
    let bucket = admin.see_bucket("alpine").await;
    assert_eq!((bucket.version_count, bucket.latest_version), (1, None));
    assert_eq!(bucket.created_at, Some(server.clock.now().into()));
    let version = admin.look("alpine", "one").await;
    assert_eq!(
        (version.name.as_str(), version.author_id.as_str()),
        ("v0", "admin")
    );
    let channel = admin.see_channel("alpine", "prod").await;
    assert_eq!(
        (channel.managed, channel.author_id.as_str()),
        (false, "admin")
    );
    let new = json!({"name": "b", "version": "1", "block_content": "x"});
    let block = put(Method::PUT, paths.enforced_blocks(), new).await;
    let block = &block["enforced_block"];
    assert_eq!(block["location"]["project_id"], server.project.id);
    for id in [
        &bucket.id,
        &version.id,
        &channel.id,
        block["id"].as_str().unwrap(),
    ] {
        assert_ne!(id, own["id"].as_str().unwrap());
    }
}

/// Asks as the admin, with a path that no client would send.
async fn ask(
    server: &TestServer,
    start: &str,
    headers: &[(&str, &str)],
) -> touchmark_tests::Answer {
    let body = format!(
        "grant_type=client_credentials&client_id={}&client_secret={}",
        server.env["HCP_CLIENT_ID"], server.env["HCP_CLIENT_SECRET"]
    );
    let answer = http(server, "POST /oauth2/token", &[], body.as_bytes()).await;
    let json: Value = answer.json().expect("a token");
    let token = format!("Bearer {}", json["access_token"].as_str().expect("a token"));
    let mut all = vec![("Authorization", token.as_str())];
    all.extend_from_slice(headers);
    http(server, start, &all, b"").await
}

#[tokio::test]
async fn what_is_odd_in_a_path_is_missing_or_refused_in_json() {
    let server = TestServer::start().await;
    server.admin().bucket("alpine").await;
    let buckets = server.admin().scope().unwrap().buckets();
    for (segment, expected) in [
        ("%00", "400/3 path"),
        ("a%00b", "400/3 path"),
        ("%2500", "404/5 "),
        ("%FF", "404/5 "),
        ("%C3%28", "404/5 "),
        ("%", "404/5 "),
        ("%zz", "404/5 "),
        ("..%2f..%2fregistry", "404/5 "),
        ("%2e%2e", "404/5 "),
        ("alpine%0d%0a", "404/5 "),
        ("alpine;v=1", "404/5 "),
        ("ALPINE", "404/5 "),
        (&"a".repeat(30_000), "404/5 "),
    ] {
        let answer = ask(&server, &format!("GET {buckets}/{segment}"), &[]).await;
        assert_eq!(fault(&answer), expected, "{segment:.30}");
        assert!(answer.body.len() < 4_096, "{segment:.30}");
    }
}

#[tokio::test]
async fn what_is_odd_in_a_query_is_refused_and_the_parameter_named() {
    let server = TestServer::start().await;
    server.admin().bucket("alpine").await;
    let admin = server.admin();
    let paths = admin.scope().unwrap();
    for (path, query, expected) in [
        (
            paths.buckets(),
            "sorting.order_by=%00",
            "400/3 query.sorting.order_by",
        ),
        (paths.buckets(), "other=%FF", "400/3 query.other"),
        (paths.buckets(), "%FF=x", "400/3 query"),
        (paths.buckets(), "%00", "400/3 query"),
        (paths.bucket_ancestry("alpine"), "type=NONE", "400/3 type"),
        (
            paths.bucket_ancestry("alpine"),
            "version_fingerprint=%C3%28",
            "400/3 query.version_fingerprint",
        ),
        (
            paths.legacy_iteration("alpine"),
            "incremental_version=99999999999999999999",
            "400/3 incremental_version",
        ),
        (
            paths.legacy_iteration("alpine"),
            "incremental_version=-9223372036854775808",
            "404/5 ",
        ),
    ] {
        let answer = ask(&server, &format!("GET {path}?{query}"), &[]).await;
        assert_eq!(fault(&answer), expected, "{path}?{query}");
    }
    let start = format!(
        "DELETE {}?rollback_channels=maybe",
        paths.version("alpine", "x")
    );
    assert_eq!(
        fault(&ask(&server, &start, &[]).await),
        "400/3 rollback_channels"
    );
    let long = format!("GET {}?x={}", paths.buckets(), "y".repeat(30_000));
    assert_eq!(ask(&server, &long, &[]).await.status, 200);
}

/// Sends bytes and gives the status of the answer; `None` when the connection is cut before it has come.
async fn status(server: &TestServer, request: String) -> Option<u16> {
    let address = server.url.replace("http://localhost", "127.0.0.1");
    let exchange = move || {
        let mut stream = TcpStream::connect(address).expect("a connection");
        let mut answer = Vec::new();
        // Whoever is cut off cannot send the rest, nor read what was answered meanwhile.
        let _ = stream.write_all(request.as_bytes());
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    };
    let answer = tokio::task::spawn_blocking(exchange).await;
    let answer = answer.expect("an exchange");
    answer.split(' ').nth(1).and_then(|code| code.parse().ok())
}

#[tokio::test]
async fn a_head_that_is_too_large_is_cut_off_before_anything_reads_it() {
    let server = TestServer::start().await;
    let path = server.admin().scope().unwrap().buckets();
    let request = |target: &str, headers: &str| {
        format!("GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n")
    };
    let long = format!("{path}?{}", "y".repeat(70_000));
    let large = format!("X-Large: {}\r\n", "y".repeat(200_000));
    let many = "X-Y: z\r\n".repeat(200);
    for request in [
        request(&long, ""),
        request(&path, &large),
        request(&path, &many),
    ] {
        let seen = status(&server, request).await;
        let refused = seen.is_none_or(|status| matches!(status, 400 | 413 | 414 | 431));
        assert!(refused, "{seen:?}");
    }
    // And the server is none the worse for it.
    let status = status(&server, request("/livez", "")).await;
    assert_eq!(status, Some(200));
}

#[tokio::test]
async fn what_was_sent_is_quoted_in_part_only() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let key = "ä".repeat(200_000);
    let body = format!("{{\"name\":\"a\",\"labels\":{{\"{key}\":1}}}}");
    let path = admin.scope().unwrap().buckets();
    let answer = admin.send_bytes(Method::PUT, &path, Some(body.into_bytes()));
    let answer = answer.await.unwrap();
    assert!(answer.body.len() < 8_192, "{}", answer.body.len());
    let status: Status = answer.json().unwrap();
    let field = status.violations()[0].field.clone();
    assert!(field.starts_with("body.labels.ää") && field.ends_with('…'));
    assert!(header(&answer, "content-type").starts_with("application/json"));
}
