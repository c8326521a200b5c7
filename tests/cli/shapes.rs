//! What `--json` prints: scripts rely on the fields.

use serde_json::{Map, Value, json};

use crate::seed::seeded;

/// The fields of a value and their types, recursively; entries of a list count as one. Versions, builds and
/// channels inside of others are named only.
fn shape(value: &Value) -> Value {
    match value {
        Value::Null => json!("null"),
        Value::Bool(_) => json!("boolean"),
        Value::Number(_) => json!("number"),
        Value::String(_) => json!("string"),
        Value::Array(entries) => {
            let entries = entries.iter().map(inner).reduce(merge);
            json!(entries.into_iter().collect::<Vec<_>>())
        }
        Value::Object(object) => {
            let fields = object
                .iter()
                .map(|(name, value)| (name.clone(), inner(value)));
            Value::Object(fields.collect())
        }
    }
}

fn inner(value: &Value) -> Value {
    let has = |name: &str| value.get(name).is_some();
    if has("packer_run_uuid") {
        json!("<build>")
    } else if has("managed") {
        json!("<channel>")
    } else if has("revocation_type") {
        json!("<version>")
    } else {
        shape(value)
    }
}

fn merge(a: Value, b: Value) -> Value {
    match (a, b) {
        (a, b) if a == b => a,
        (Value::Object(a), Value::Object(b)) => {
            let mut fields = Map::new();
            for name in a.keys().chain(b.keys()) {
                let field = match (a.get(name), b.get(name)) {
                    (Some(a), Some(b)) => merge(a.clone(), b.clone()),
                    _ => json!("sometimes"),
                };
                fields.insert(name.clone(), field);
            }
            Value::Object(fields)
        }
        (Value::Array(a), Value::Array(b)) => {
            json!(
                a.into_iter()
                    .chain(b)
                    .reduce(merge)
                    .into_iter()
                    .collect::<Vec<_>>()
            )
        }
        (Value::String(a), Value::String(b)) => {
            let mut kinds: Vec<&str> = a.split(" or ").chain(b.split(" or ")).collect();
            kinds.sort_unstable();
            kinds.dedup();
            json!(kinds.join(" or "))
        }
        (Value::String(null), other) | (other, Value::String(null)) => {
            json!(format!("{other} or {null}"))
        }
        (a, b) => json!(format!("{a} or {b}")),
    }
}

/// The shape of a list is that of its entries.
async fn of(cli: &crate::program::Cli, arguments: &str) -> String {
    let value = cli.json(arguments).await;
    match &value {
        Value::Array(entries) => {
            let entry = entries.iter().map(shape).reduce(merge);
            format!("a list of {:#}", entry.expect("an entry"))
        }
        other => format!("{:#}", shape(other)),
    }
}

#[tokio::test]
async fn buckets_and_channels() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(of(&cli, "bucket list").await, @r#"
    a list of {
      "children": "{\"href\":\"string\",\"status\":\"string\"} or null",
      "created_at": "string",
      "description": "string",
      "id": "string",
      "labels": {
        "team": "sometimes"
      },
      "latest_version": "<version>",
      "location": {
        "organization_id": "string",
        "project_id": "string",
        "region": "null"
      },
      "name": "string",
      "parents": "{\"href\":\"string\",\"status\":\"string\"} or null",
      "platforms": [
        "string"
      ],
      "resource_name": "string",
      "updated_at": "string",
      "version_count": "string"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "channel list alpine").await, @r#"
    a list of {
      "author_id": "string",
      "bucket_name": "string",
      "created_at": "string",
      "id": "string",
      "managed": "boolean",
      "name": "string",
      "restricted": "boolean",
      "updated_at": "string",
      "version": "<version>"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "channel history alpine:production").await, @r#"
    a list of {
      "assigned_at": "string",
      "author_id": "string",
      "version": "<version>"
    }
    "#);
    let bucket = of(&cli, "bucket show alpine").await;
    insta::assert_snapshot!(bucket, @r#"
    {
      "ancestry": [],
      "channels": [
        "<channel>"
      ],
      "children": {
        "href": "string",
        "status": "string"
      },
      "created_at": "string",
      "description": "string",
      "id": "string",
      "labels": {
        "team": "string"
      },
      "latest_version": "<version>",
      "location": {
        "organization_id": "string",
        "project_id": "string",
        "region": "null"
      },
      "name": "string",
      "parents": "null",
      "platforms": [
        "string"
      ],
      "resource_name": "string",
      "updated_at": "string",
      "version_count": "string"
    }
    "#);
    for (command, like) in [
        (
            "bucket create debian --label a=b",
            "bucket update debian --label a=c",
        ),
        (
            "channel create alpine:testing --version v1",
            "channel assign alpine:testing v2",
        ),
        (
            "channel promote alpine staging testing",
            "channel rollback alpine:testing",
        ),
        (
            "channel show alpine:testing",
            "channel delete alpine:testing --yes",
        ),
    ] {
        assert_eq!(of(&cli, command).await, of(&cli, like).await, "{command}");
    }
}

#[tokio::test]
async fn versions() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(of(&cli, "version list alpine").await, @r#"
    a list of {
      "author_id": "string",
      "bucket_name": "string",
      "builds": [
        "<build>"
      ],
      "created_at": "string",
      "fingerprint": "string",
      "has_descendants": "boolean",
      "id": "string",
      "name": "string",
      "parents": "null",
      "revocation_author": "string",
      "revocation_inherited_from": "null",
      "revocation_message": "string",
      "revocation_type": "string",
      "revoke_at": "null",
      "status": "string",
      "template_type": "string",
      "updated_at": "string"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "version show web:v1").await, @r#"
    {
      "ancestry": [
        {
          "child": {
            "bucket_name": "string",
            "version_fingerprint": "string",
            "version_id": "string",
            "version_name": "string"
          },
          "parent": {
            "bucket_name": "string",
            "channel_name": "string",
            "channel_version": {
              "fingerprint": "string",
              "id": "string",
              "name": "string"
            },
            "version_fingerprint": "string",
            "version_id": "string",
            "version_name": "string"
          },
          "status": "string"
        }
      ],
      "author_id": "string",
      "bucket_name": "string",
      "builds": [
        "<build>"
      ],
      "channels": [
        "string"
      ],
      "created_at": "string",
      "fingerprint": "string",
      "has_descendants": "boolean",
      "id": "string",
      "name": "string",
      "parents": {
        "href": "string",
        "status": "string"
      },
      "revocation_author": "string",
      "revocation_inherited_from": "null",
      "revocation_message": "string",
      "revocation_type": "string",
      "revoke_at": "null",
      "status": "string",
      "template_type": "string",
      "updated_at": "string"
    }
    "#);
    let version = cli.json("version show alpine:v2").await;
    insta::assert_snapshot!(format!("{:#}", shape(&version["builds"][0])), @r#"
    {
      "artifacts": [
        {
          "created_at": "string",
          "external_identifier": "string",
          "id": "string",
          "region": "string"
        }
      ],
      "component_type": "string",
      "created_at": "string",
      "id": "string",
      "labels": {
        "os": "string",
        "release": "string"
      },
      "metadata": "null",
      "packer_run_uuid": "string",
      "platform": "string",
      "source_external_identifier": "string",
      "status": "string",
      "updated_at": "string",
      "version_id": "string"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "version diff alpine:v1 alpine:v2").await, @r#"
    {
      "artifacts": [
        {
          "from": "null or string",
          "name": "string",
          "to": "null or string"
        }
      ],
      "builds": [],
      "different": "boolean",
      "from": {
        "bucket_name": "string",
        "fingerprint": "string",
        "name": "string"
      },
      "labels": [
        {
          "from": "string",
          "name": "string",
          "to": "string"
        }
      ],
      "packages": "null",
      "sources": [
        {
          "from": "string",
          "name": "string",
          "to": "string"
        }
      ],
      "to": {
        "bucket_name": "string",
        "fingerprint": "string",
        "name": "string"
      }
    }
    "#);
    insta::assert_snapshot!(of(&cli, "version revoke alpine:v1 --yes").await, @r#"
    {
      "artifacts": [
        {
          "bucket_name": "string",
          "external_identifier": "string",
          "platform": "string",
          "region": "string",
          "version_name": "string"
        }
      ],
      "artifacts_total": "number",
      "channels": [],
      "descendants": [],
      "digest": "string",
      "revoke_at": "string",
      "skipped": [],
      "skipped_total": "number",
      "targets": [
        {
          "bucket_name": "string",
          "channels": [],
          "fingerprint": "string",
          "id": "string",
          "status": "string",
          "version_name": "string"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(of(&cli, "version restore alpine:v1").await, @r#"
    {
      "author_id": "string",
      "bucket_name": "string",
      "builds": [
        "<build>"
      ],
      "created_at": "string",
      "fingerprint": "string",
      "has_descendants": "boolean",
      "id": "string",
      "name": "string",
      "parents": "null",
      "revocation_author": "string",
      "revocation_inherited_from": "null",
      "revocation_message": "string",
      "revocation_type": "string",
      "revoke_at": "null",
      "status": "string",
      "template_type": "string",
      "updated_at": "string"
    }
    "#);
}

#[tokio::test]
async fn all_others() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(of(&cli, "bucket delete alpine --dry-run").await, @r#"
    a list of {
      "body": "null",
      "method": "string",
      "path": "string"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "artifact find ami-0a1b2c3d4e5f60002").await, @r#"
    a list of {
      "found": [
        {
          "bucket_name": "string",
          "channels": [
            "string"
          ],
          "component_type": "string",
          "platform": "string",
          "region": "string",
          "revocation_message": "string",
          "revoke_at": "null",
          "status": "string",
          "version_fingerprint": "string",
          "version_id": "string",
          "version_name": "string"
        }
      ],
      "id": "string"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "sbom list alpine:v3").await, @r#"
    a list of {
      "build_id": "string",
      "component_type": "string",
      "format": "string",
      "id": "string",
      "name": "string"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "events --limit 5").await, @r#"
    a list of {
      "action": "string",
      "actor": {
        "id": "string",
        "kind": "string",
        "name": "string"
      },
      "at": "string",
      "bucket_id": "string",
      "digest": "string",
      "id": "string",
      "payload": "string",
      "project_id": "string",
      "request_id": "string",
      "resource": {
        "id": "string",
        "kind": "string",
        "name": "string"
      },
      "revision": "number",
      "sequence": "number"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "auth status").await, @r#"
    {
      "organization": {
        "id": "string",
        "name": "string"
      },
      "principal": {
        "client_id": "string",
        "id": "string",
        "kind": "string",
        "name": "string",
        "project_id": "null"
      },
      "projects": [
        {
          "id": "string",
          "may": [
            "string"
          ],
          "name": "string",
          "role": "string"
        }
      ],
      "roles": [
        {
          "id": "string",
          "name": "string",
          "role": "string",
          "scope": "string"
        }
      ]
    }
    "#);
    insta::assert_snapshot!(of(&cli, "auth print-access-token").await, @r#"
    {
      "access_token": "string"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "config").await, @r#"
    a list of {
      "name": "string",
      "origin": "string",
      "value": "string"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "completion bash").await, @r#"
    {
      "script": "string",
      "shell": "string"
    }
    "#);
    insta::assert_snapshot!(of(&cli, "man").await, @r#"
    {
      "name": "string",
      "page": "string"
    }
    "#);
}
