//! Short words for what many tests send and look at.

use std::{
    fmt::Write as _,
    io::{Read as _, Write as _},
};

use touchmark_client::{HeaderMap, Page};
use touchmark_registry::{
    domain::id,
    ops::{
        Access,
        principals::{self, Old},
    },
    store::{organizations, organizations::Project, registries},
};
use touchmark_tests::{
    Answer, Client, RUN, TestServer,
    wire::{
        bucket::{Bucket, CreateBucketBody},
        build::{Build, BuildStatus, UpdateBuildBody},
        channel::{Channel, UpdateChannelBody},
        policy::{MemberType, Policy, PolicyBinding, PolicyBindingMember},
        service_principal::CreateServicePrincipalBody,
        version::{UpdateVersionBody, Version},
    },
};

/// Another run of Packer than that of the stories.
pub(crate) const OTHER_RUN: &str = "7d3a6f0e-3c54-4b4f-9a35-0a6b8d1f2c11";

/// The body that creates a bucket of this name.
pub(crate) fn bucket_named(name: &str) -> CreateBucketBody {
    CreateBucketBody {
        name: name.to_owned(),
        ..CreateBucketBody::default()
    }
}

/// What Packer says of a build that has no result: its state and its run.
pub(crate) fn is(status: BuildStatus) -> UpdateBuildBody {
    UpdateBuildBody {
        status: Some(status),
        packer_run_uuid: RUN.to_owned(),
        ..UpdateBuildBody::default()
    }
}

/// The body that revokes after a span.
pub(crate) fn revoke_in(span: &str) -> UpdateVersionBody {
    UpdateVersionBody {
        revoke_in: span.to_owned(),
        ..UpdateVersionBody::default()
    }
}

/// The body that restores.
pub(crate) fn restore() -> UpdateVersionBody {
    UpdateVersionBody {
        restore: true,
        ..UpdateVersionBody::default()
    }
}

/// The body that changes the masked fields of a channel.
pub(crate) fn masked(mask: &str, fingerprint: &str, restricted: bool) -> UpdateChannelBody {
    UpdateChannelBody {
        update_mask: Some(mask.to_owned()),
        version_fingerprint: fingerprint.to_owned(),
        restricted,
    }
}

/// A page of this size.
pub(crate) fn page(size: u32) -> Page {
    Page {
        size: Some(size),
        ..Page::default()
    }
}

/// More steps of a story, and looks at how it went.
pub(crate) trait Steps {
    async fn see_bucket(&self, name: &str) -> Bucket;
    async fn see_channel(&self, bucket: &str, name: &str) -> Channel;
    async fn see_build(&self, bucket: &str, fingerprint: &str, id: &str) -> Build;
    /// Changes a build.
    async fn tell(&self, place: (&str, &str, &str), body: &UpdateBuildBody) -> Build;
    /// Changes a version.
    async fn decide(&self, bucket: &str, fingerprint: &str, body: &UpdateVersionBody) -> Version;
    /// The rows of a channel's history as `author fingerprint`, the newest first.
    async fn history(&self, bucket: &str, channel: &str) -> Vec<String>;
}

impl Steps for Client {
    async fn see_bucket(&self, name: &str) -> Bucket {
        let answer = self.get_bucket(name).await.expect("a bucket");
        answer.bucket.expect("the bucket")
    }

    async fn see_channel(&self, bucket: &str, name: &str) -> Channel {
        let answer = self.get_channel(bucket, name).await.expect("a channel");
        answer.channel.expect("the channel")
    }

    async fn see_build(&self, bucket: &str, fingerprint: &str, id: &str) -> Build {
        let answer = self.get_build(bucket, fingerprint, id).await;
        answer.expect("a build").build.expect("the build")
    }

    async fn tell(&self, place: (&str, &str, &str), body: &UpdateBuildBody) -> Build {
        let (bucket, fingerprint, id) = place;
        let answer = self.update_build(bucket, fingerprint, id, body).await;
        answer.expect("an update").build.expect("the build")
    }

    async fn decide(&self, bucket: &str, fingerprint: &str, body: &UpdateVersionBody) -> Version {
        let answer = self.update_version(bucket, fingerprint, body).await;
        answer.expect("an update").version.expect("the version")
    }

    async fn history(&self, bucket: &str, channel: &str) -> Vec<String> {
        let answer = self
            .list_channel_assignment_history(bucket, channel, &Page::default())
            .await
            .expect("a history");
        let row = |row: touchmark_tests::wire::channel::ChannelAssignment| {
            let version = row.version.map_or("-".to_owned(), |v| v.fingerprint);
            format!("{} {version}", row.author_id)
        };
        answer.history.into_iter().map(row).collect()
    }
}

/// Moves the clock and gives the admin with a new token, since the old one may have expired.
pub(crate) fn later(server: &TestServer, duration: std::time::Duration) -> Client {
    server.advance(duration);
    server.admin()
}

/// A second project of the organization, with a registry, made behind the server's back.
pub(crate) async fn second_project(server: &TestServer) -> Project {
    let now = server.clock.now();
    let project = Project {
        id: id::uuid(),
        name: "second".into(),
        ..server.project.clone()
    };
    let made = project.clone();
    let insert = server.state.store.write(move |conn| {
        organizations::insert_project(conn, &made)?;
        let registry = registries::Registry {
            id: id::ulid(now),
            project_id: made.id.clone(),
            activated: true,
            feature_tier: "PLUS".into(),
            created_at: now,
            updated_at: now,
        };
        registries::insert(conn, &registry)
    });
    insert.await.expect("a second project");
    project
}

/// A service principal of `project/…` or `organization/…`, made through the API; gives its id.
pub(crate) async fn service_principal(client: &Client, parent: &str, name: &str) -> String {
    let body = CreateServicePrincipalBody {
        name: name.to_owned(),
    };
    let answer = client.create_service_principal(parent, &body).await;
    let made = answer.expect("a new principal").service_principal;
    made.expect("the principal").id
}

/// A client of a principal that gets a secret now, as the command line gives one.
pub(crate) async fn sign_in(server: &TestServer, name: &str) -> Client {
    let access = Access::system(server.project.clone());
    let which = (name.to_owned(), Old::Overlaps);
    let made = principals::rotate(&server.state.store, access, which, server.clock.now());
    let made = made.await.expect("a secret");
    let secret = made.secret.reveal().to_owned();
    server.build(|builder| builder.credentials(made.principal.client_id, secret))
}

/// The resource name of a bucket of the server's first project.
pub(crate) fn bucket_resource(server: &TestServer, bucket: &str) -> String {
    format!("packer/project/{}/bucket/{bucket}", server.project.id)
}

/// A role and the service principals that have it.
pub(crate) fn binding(role: &str, ids: &[&str]) -> PolicyBinding {
    let member = |id: &&str| PolicyBindingMember {
        member_id: (*id).to_owned(),
        member_type: MemberType::ServicePrincipal,
    };
    PolicyBinding {
        members: ids.iter().map(member).collect(),
        role_id: role.to_owned(),
    }
}

/// A policy that is written whatever there is.
pub(crate) fn policy(bindings: Vec<PolicyBinding>) -> Policy {
    Policy {
        bindings,
        etag: String::new(),
    }
}

/// Refuses unless the event log has so many rows of this action.
pub(crate) fn expect_events(server: &TestServer, action: &str, count: u32) {
    server.execute(&format!(
        "CREATE TEMP TABLE probe (n INTEGER NOT NULL CHECK (n = {count}));
         INSERT INTO probe SELECT count(*) FROM events WHERE action = '{action}';"
    ));
}

/// Sends a request with exactly these headers and says what came.
pub(crate) async fn http(
    server: &TestServer,
    start: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let address = server.url.replace("http://localhost", "127.0.0.1");
    let mut text = format!("{start} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
    for (name, value) in headers {
        write!(text, "{name}: {value}\r\n").expect("a text grows");
    }
    write!(text, "Content-Length: {}\r\n\r\n", body.len()).expect("a text grows");
    let mut request = text.into_bytes();
    request.extend_from_slice(body);
    let exchange = move || {
        let mut stream = std::net::TcpStream::connect(address).expect("a connection");
        stream.write_all(&request).expect("a request that is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an answer");
        answer
    };
    parse(
        &tokio::task::spawn_blocking(exchange)
            .await
            .expect("an exchange"),
    )
}

fn parse(answer: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        let name: reqwest::header::HeaderName = name.parse().expect("a name");
        headers.insert(name, value.parse().expect("a value"));
    }
    Answer {
        status: status.and_then(|s| s.parse().ok()).expect("a status"),
        headers,
        body: body.as_bytes().to_vec(),
    }
}

/// The value of a header; empty when it did not come.
pub(crate) fn header<'a>(answer: &'a Answer, name: &str) -> &'a str {
    let value = answer.headers.get(name);
    value.and_then(|value| value.to_str().ok()).unwrap_or("")
}
