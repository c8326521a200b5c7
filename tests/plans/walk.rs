//! Calls everything that reads, in every order and on every kind of page, and one of each write.

use serde_json::{Value, json};
use touchmark_client::{Client, Method};
use touchmark_tests::{Story as _, TestServer, upload, wire::sbom::SbomFormat};

/// Lists below a project: path, what they can be sorted by.
const LISTS: &[(&str, &[&str])] = &[
    ("buckets", &["name", "created_at"]),
    ("buckets/base/versions", &["created_at"]),
    ("buckets/base/versions/f0/builds", &[]),
    ("buckets/base/channels", &[]),
    ("buckets/base/channels/stable/history", &[]),
    ("buckets/base/ancestry", &[]),
    ("buckets/child/ancestry", &[]),
    ("buckets/base/ancestry?channel_name=stable", &[]),
    ("buckets/base/packages", &["name"]),
    (
        "buckets/base/packages?package_name=zlib&package_version=1",
        &["name"],
    ),
    (
        "buckets/base/packages?package_name_starts_with=z",
        &["name"],
    ),
    ("enforced_blocks", &["name", "created_at"]),
    ("enforced_blocks/bucket/base", &[]),
];

/// Lists of our own face.
const OWN: &[&str] = &[
    "whoami",
    "events?page_size=1",
    "events?page_size=1&order=oldest",
    "events?page_size=1&order=oldest&after=1",
    "events?page_size=1&bucket=base",
    "events?page_size=1&resource_kind=channel&resource=stable",
    "events?page_size=1&actor=admin&action=channel.assigned",
    "packages?page_size=1",
    "packages?page_size=1&name=zlib",
    "packages?page_size=1&name_starts_with=z&bucket=base&version=f0",
    "principals?page_size=1",
    "projects?page_size=1",
    "organizations",
    "resolve/base/stable?platform=aws&region=us-east-1&component_type=amazon-ebs.base",
    "resolve/base/stable?at=2999-01-01T00:00:00Z",
];

/// Enough of everything that each list has three pages of one row.
pub(crate) async fn prepare(server: &TestServer) {
    let admin = server.admin();
    for bucket in ["base", "child", "other"] {
        admin.bucket(bucket).await;
    }
    for number in 0..3 {
        let fingerprint = format!("f{number}");
        let parent = admin.complete("base", &fingerprint).await;
        admin
            .channel("base", &format!("c{number}"), &fingerprint)
            .await;
        let channel = admin.channel("base", &format!("d{number}"), "").await;
        admin.child("child", &fingerprint, &parent, &channel).await;
    }
    admin.version("base", "open").await;
    let build = admin.build("base", "open", "docker.a").await;
    for name in ["one", "two"] {
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6",
            "components": [{"type": "library", "name": "zlib", "version": "1"},
                {"type": "library", "name": name, "version": "2"}]});
        let body = upload(SbomFormat::CycloneDx, &document, name);
        let uploaded = admin.upload_sbom("base", "open", &build, &body).await;
        uploaded.expect("an SBOM");
    }
    admin.channel("base", "stable", "").await;
    for fingerprint in ["f0", "f1", "f2"] {
        admin.assign("base", "stable", fingerprint).await;
    }
}

pub(crate) async fn everything(server: &TestServer) {
    let admin = server.admin();
    lists(server, &admin).await;
    for path in [
        "registry",
        "buckets/base",
        "buckets/base/versions/f0",
        "buckets/base/channels/stable",
        "buckets/base/channels/latest",
    ] {
        get(&admin, &below(server, path)).await;
    }
    for path in OWN {
        let first = format!("/api/v1/{path}");
        let answer = get(&admin, &first).await;
        if let Some(next) = answer["next_page_token"]
            .as_str()
            .filter(|next| !next.is_empty())
        {
            get(&admin, &format!("{first}&page_token={next}")).await;
        }
    }
    for missing in [
        "stable?region=none",
        "stable?platform=none&component_type=none",
        "none",
    ] {
        let path = format!("/api/v1/resolve/base/{missing}");
        let answer = admin.send(Method::GET, &path, None).await;
        assert_eq!(answer.expect("an answer").status, 404);
    }
    search(server, &admin).await;
    writes(&admin).await;
    revocation(server, &admin).await;
    revocations(&admin).await;
    server.run_jobs().await;
}

fn below(server: &TestServer, path: &str) -> String {
    let project = &server.project;
    format!(
        "/packer/2023-01-01/organizations/{}/projects/{}/{path}",
        project.organization_id, project.id
    )
}

async fn get(client: &Client, path: &str) -> Value {
    let answer = client
        .send(Method::GET, path, None)
        .await
        .expect("an answer");
    assert_eq!(
        answer.status,
        200,
        "{path}: {}",
        String::from_utf8_lossy(&answer.body)
    );
    answer.json().expect("JSON")
}

async fn lists(server: &TestServer, client: &Client) {
    for (path, sortable) in LISTS {
        let mut orders = vec![String::new()];
        for field in *sortable {
            orders.push(format!("&sorting.order_by={field}"));
            orders.push(format!("&sorting.order_by={field}%20desc"));
        }
        for order in orders {
            let mark = if path.contains('?') { '&' } else { '?' };
            let first = format!("{}{mark}pagination.page_size=1{order}", below(server, path));
            let answer = get(client, &first).await;
            let Some(next) = token(&answer, "next") else {
                continue;
            };
            let second = get(
                client,
                &format!("{first}&pagination.next_page_token={next}"),
            )
            .await;
            if let Some(back) = token(&second, "previous") {
                get(
                    client,
                    &format!("{first}&pagination.previous_page_token={back}"),
                )
                .await;
            }
        }
    }
}

fn token(answer: &Value, which: &str) -> Option<String> {
    let token = answer["pagination"][format!("{which}_page_token")].as_str()?;
    (!token.is_empty()).then(|| token.to_owned())
}

async fn search(server: &TestServer, client: &Client) {
    let path = below(server, "_search/external_artifact");
    for body in [
        json!({"external_identifier": "f0"}),
        json!({"external_identifier": "f0", "platform": "aws", "region": "us-east-1"}),
    ] {
        let answer = client.send(Method::POST, &path, Some(&body)).await;
        assert_eq!(answer.expect("an answer").status, 200);
    }
}

/// A push as Packer does it, and what is done to what it left.
async fn writes(client: &Client) {
    client.bucket("new").await;
    let version = client.complete("new", "n1").await;
    client.complete("new", "n2").await;
    let channel = client.channel("new", "prod", "n1").await;
    client.assign("new", "prod", "n2").await;
    client.child("other", "o1", &version, &channel).await;
    client
        .delete_channel("new", "prod")
        .await
        .expect("a delete");
    client.delete_version("new", "n2").await.expect("a delete");
    client.delete_bucket("other").await.expect("a delete");
}

/// Every way to select versions, and what they touch: `f1` of `base` has a child, a schedule that is taken back,
/// and a channel.
async fn revocations(client: &Client) {
    let names =
        json!([{"bucket": "base", "fingerprint": "f1"}, {"bucket": "base", "fingerprint": "open"}]);
    let spared = json!({"versions": names, "skip_descendants": true});
    for (path, body) in [
        ("/preview", json!({"artifacts": ["f1"]})),
        ("/preview", json!({"labels": {"a": "b"}})),
        ("/preview", json!({"bucket": "base", "older_than": "1d"})),
        ("", json!({"versions": names, "revoke_in": "1h"})),
        ("/preview", spared.clone()),
        ("", spared),
    ] {
        let path = format!("/api/v1/revocations{path}");
        let answer = client.send(Method::POST, &path, Some(&body)).await;
        let answer = answer.expect("an answer");
        let text = String::from_utf8_lossy(&answer.body);
        assert_eq!(answer.status, 200, "{body}: {text}");
    }
}

async fn revocation(server: &TestServer, client: &Client) {
    let path = below(server, "buckets/base/versions/f0");
    for body in [
        json!({"revoke_in": "1h"}),
        json!({"revoke_in": "0s"}),
        json!({"restore": true}),
    ] {
        let answer = client.send(Method::PATCH, &path, Some(&body)).await;
        assert_eq!(answer.expect("an answer").status, 200);
    }
}
