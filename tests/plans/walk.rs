//! Calls everything that reads, in every order and on every kind of page, and one of each write.

use serde_json::{Value, json};
use touchmark_client::{Client, Method};
use touchmark_tests::{Story as _, TestServer};

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
    search(server, &admin).await;
    writes(&admin).await;
    revocation(server, &admin).await;
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
