//! Enforced blocks: versions, links to buckets, and what Packer reads.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that cannot go on has failed"
)]

use std::collections::BTreeMap;

use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Client, Error, Story, TestServer, refusal,
    wire::{
        enforced_block::{
            CreateEnforcedBlockBody, CreateEnforcedBlockVersionBody, EnforcedBlock,
            EnforcedBlockVersion, ListEnforcedBlocksResponse, ManageEnforcedBlockLinkedBucketsBody,
            ManageEnforcedBlockLinkedBucketsResponse, UpdateEnforcedBlockBody,
            UpdateEnforcedBlockVersionBody,
        },
        version::TemplateType,
    },
};

use crate::kit::{Steps as _, expect_events, second_project};

const CONTENT: &str = "provisioner \"shell-local\" {\n  inline = [\"true\"]\n}\n";

fn block(name: &str) -> CreateEnforcedBlockBody {
    CreateEnforcedBlockBody {
        name: name.into(),
        version: "1.0.0".into(),
        block_content: CONTENT.into(),
        template_type: Some(TemplateType::Hcl2),
        ..CreateEnforcedBlockBody::default()
    }
}

fn version(label: &str) -> CreateEnforcedBlockVersionBody {
    CreateEnforcedBlockVersionBody {
        version: label.into(),
        block_content: format!("# {label}\n{CONTENT}"),
        ..CreateEnforcedBlockVersionBody::default()
    }
}

fn to(names: &[&str]) -> ManageEnforcedBlockLinkedBucketsBody {
    let names = names.iter().map(|name| (*name).to_owned());
    ManageEnforcedBlockLinkedBucketsBody {
        bucket_names: Some(names.collect()),
    }
}

fn update(mask: &str, name: &str) -> UpdateEnforcedBlockBody {
    UpdateEnforcedBlockBody {
        name: name.into(),
        update_mask: Some(mask.into()),
        ..UpdateEnforcedBlockBody::default()
    }
}

fn describe(mask: &str, text: &str) -> UpdateEnforcedBlockVersionBody {
    UpdateEnforcedBlockVersionBody {
        additional_description: text.into(),
        update_mask: Some(mask.into()),
    }
}

async fn create(client: &Client, name: &str) -> (EnforcedBlock, EnforcedBlockVersion) {
    let answer = client.create_enforced_block(&block(name)).await.unwrap();
    let block = answer.enforced_block.unwrap();
    let version = block.latest_version.clone().unwrap();
    (block, version)
}

async fn try_add(client: &Client, block: &str, label: &str) -> Result<EnforcedBlockVersion, Error> {
    let body = version(label);
    let answer = client.create_enforced_block_version(block, &body).await?;
    Ok(answer.enforced_block_version.unwrap())
}

async fn add(client: &Client, block: &str, label: &str) -> EnforcedBlockVersion {
    try_add(client, block, label).await.unwrap()
}

async fn change(
    client: &Client,
    block: &str,
    body: UpdateEnforcedBlockBody,
) -> Result<EnforcedBlock, Error> {
    let answer = client.update_enforced_block(block, &body).await?;
    Ok(answer.enforced_block.unwrap())
}

async fn see(client: &Client, block: &str) -> EnforcedBlock {
    let answer = client.get_enforced_block(block).await.unwrap();
    answer.enforced_block.unwrap()
}

async fn try_link(
    client: &Client,
    version: &EnforcedBlockVersion,
    names: &[&str],
) -> Result<ManageEnforcedBlockLinkedBucketsResponse, Error> {
    let (block, id, body) = (&version.enforced_block_id, &version.id, to(names));
    client
        .manage_enforced_block_linked_buckets(block, id, &body)
        .await
}

async fn link(client: &Client, version: &EnforcedBlockVersion, names: &[&str]) {
    try_link(client, version, names).await.unwrap();
}

/// What a bucket's builds must run: `name label`.
async fn enforced(client: &Client, bucket: &str) -> Vec<String> {
    let answer = client.get_enforced_blocks_by_bucket(bucket).await.unwrap();
    let details = answer.enforced_block_detail.into_iter();
    details
        .map(|detail| format!("{} {}", detail.name, detail.version.unwrap().version))
        .collect()
}

/// The buckets that are linked to a version.
async fn linked(client: &Client, version: &EnforcedBlockVersion) -> Vec<String> {
    let (block, id) = (&version.enforced_block_id, &version.id);
    let answer = client.get_enforced_block_linked_buckets(block, id);
    let links = answer.await.unwrap().linked_buckets.into_iter();
    links
        .map(|link| {
            assert_eq!(
                (&link.enforced_block_id, &link.enforced_block_version_id),
                (block, id)
            );
            link.bucket.unwrap().name
        })
        .collect()
}

#[tokio::test]
async fn a_block_is_created_with_its_first_version() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let body = CreateEnforcedBlockBody {
        labels: BTreeMap::from([("team".into(), "security".into())]),
        additional_description: "harden".into(),
        ..block("baseline")
    };
    let answer = admin.create_enforced_block(&body).await.unwrap();
    let created = answer.enforced_block.unwrap();
    assert_eq!(created.labels, body.labels);
    let project = &server.project.id;
    assert_eq!(
        created.resource_name,
        format!("packer/project/{project}/enforced-block/{}", created.id)
    );
    assert_eq!(created.location.as_ref().unwrap().project_id, *project);
    let version = created.latest_version.clone().unwrap();
    assert_eq!(
        (version.version.as_str(), version.block_content.as_str()),
        ("1.0.0", CONTENT)
    );
    assert_eq!(version.template_type, TemplateType::Hcl2);
    assert_eq!(version.additional_description, "harden");
    assert_eq!(version.enforced_block_id, created.id);
    assert_eq!(see(&admin, &created.id).await, created);
    expect_events(&server, "enforced_block.created", 1);
    expect_events(&server, "enforced_block_version.created", 1);
}

#[tokio::test]
async fn names_are_unique_in_the_project_and_labels_in_the_block() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let (first, _) = create(&admin, "first").await;
    let (second, _) = create(&admin, "second").await;
    let taken = refusal(admin.create_enforced_block(&block("first")).await);
    assert_eq!(
        taken,
        "409/6 enforced block with identifier first already exists"
    );
    let renamed = change(&admin, &second.id, update("name", "first")).await;
    assert!(refusal(renamed).starts_with("409/6"));
    assert_eq!(
        refusal(try_add(&admin, &first.id, "1.0.0").await),
        "409/6 enforced block version with identifier 1.0.0 already exists"
    );
    expect_events(&server, "enforced_block.created", 2);
    expect_events(&server, "enforced_block_version.created", 2);
}

#[tokio::test]
async fn the_version_added_last_is_the_latest() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let (block, first) = create(&admin, "baseline").await;
    let second = add(&admin, &block.id, "0.9").await;
    assert_eq!(
        see(&admin, &block.id).await.latest_version,
        Some(second.clone())
    );
    let answer = admin.get_enforced_block_versions(&block.id).await.unwrap();
    let details = answer.enforced_block_detail;
    assert!(details.iter().all(|detail| detail.name == "baseline"));
    let versions: Vec<_> = details.into_iter().map(|detail| detail.version).collect();
    assert_eq!(versions, [Some(second.clone()), Some(first.clone())]);
    let gone = admin.delete_enforced_block_version(&block.id, &second.id);
    gone.await.unwrap();
    assert_eq!(
        see(&admin, &block.id).await.latest_version,
        Some(first.clone())
    );
    let gone = admin.delete_enforced_block_version(&block.id, &first.id);
    gone.await.unwrap();
    assert_eq!(see(&admin, &block.id).await.latest_version, None);
    let third = add(&admin, &block.id, "1.0.0").await;
    assert_eq!(see(&admin, &block.id).await.latest_version, Some(third));
    expect_events(&server, "enforced_block_version.deleted", 2);
}

#[tokio::test]
async fn blocks_are_listed_by_name_and_in_the_order_that_is_asked_for() {
    let server = TestServer::start().await;
    let admin = server.admin();
    assert_eq!(
        admin.list_enforced_blocks().await.unwrap(),
        ListEnforcedBlocksResponse::default()
    );
    for name in ["beta", "alpha", "gamma"] {
        create(&admin, name).await;
        server.advance(std::time::Duration::from_millis(5));
    }
    let path = admin.scope().unwrap().enforced_blocks();
    for (query, expected) in [
        ("", ["alpha", "beta", "gamma"]),
        ("?pagination.page_size=1", ["alpha", "beta", "gamma"]),
        ("?sorting.order_by=name+desc", ["gamma", "beta", "alpha"]),
        ("?sorting.order_by=created_at", ["beta", "alpha", "gamma"]),
    ] {
        let path = format!("{path}{query}");
        let answer = admin.send(touchmark_client::Method::GET, &path, None).await;
        let json: serde_json::Value = answer.unwrap().json().unwrap();
        let blocks = json["enforced_blocks"].as_array().unwrap();
        let names: Vec<_> = blocks.iter().map(|block| block["name"].clone()).collect();
        assert_eq!(names, expected, "{query}");
    }
}

#[tokio::test]
async fn only_masked_fields_of_a_block_change() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let body = CreateEnforcedBlockBody {
        labels: BTreeMap::from([("a".into(), "b".into())]),
        ..block("baseline")
    };
    let created = admin.create_enforced_block(&body).await.unwrap();
    let id = created.enforced_block.unwrap().id;
    let renamed = change(&admin, &id, update("name", "other")).await.unwrap();
    assert_eq!((renamed.name.as_str(), renamed.labels.len()), ("other", 1));
    assert!(renamed.latest_version.is_some());
    let cleared = change(&admin, &id, update("labels", "ignored")).await;
    let cleared = cleared.unwrap();
    assert_eq!((cleared.name.as_str(), cleared.labels.len()), ("other", 0));
    admin
        .update_enforced_block(&id, &update("name,labels", "other"))
        .await
        .unwrap();
    expect_events(&server, "enforced_block.updated", 2);
    for (mask, name, field) in [
        ("", "x", "body.update_mask"),
        ("blockContent", "x", "body.update_mask"),
        ("name", "", "body.name"),
        ("name", "a b", "body.name"),
    ] {
        let refused = refusal(admin.update_enforced_block(&id, &update(mask, name)).await);
        assert!(refused.starts_with(&format!("400/3 {field}")), "{refused}");
    }
}

#[tokio::test]
async fn of_a_version_only_the_description_changes_by_either_spelling_of_the_mask() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let (block, version) = create(&admin, "baseline").await;
    let change = async |body: UpdateEnforcedBlockVersionBody| {
        admin
            .update_enforced_block_version(&block.id, &version.id, &body)
            .await
    };
    for (mask, text) in [
        ("additionalDescription", "one"),
        ("additional_description", "two"),
        ("additional_description", ""),
    ] {
        let changed = change(describe(mask, text)).await.unwrap();
        let changed = changed.enforced_block_version.unwrap();
        assert_eq!(changed.additional_description, text);
        assert_eq!(changed.block_content, CONTENT);
    }
    change(describe("additional_description", ""))
        .await
        .unwrap();
    expect_events(&server, "enforced_block_version.updated", 3);
    let absent = UpdateEnforcedBlockVersionBody::default();
    for body in [
        absent,
        describe("block_content", "x"),
        describe("version", "x"),
    ] {
        let refused = refusal(change(body).await);
        assert!(refused.starts_with("400/3 body.update_mask"), "{refused}");
    }
    let long = describe("additionalDescription", &"x".repeat(256));
    let refused = refusal(change(long).await);
    assert!(
        refused.starts_with("400/3 body.additional_description"),
        "{refused}"
    );
}

#[tokio::test]
async fn what_cannot_be_a_block_is_refused_and_the_field_named() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let with = |set: fn(&mut CreateEnforcedBlockBody)| {
        let mut body = block("baseline");
        set(&mut body);
        body
    };
    for (body, field) in [
        (with(|b| b.name.clear()), "body.name"),
        (with(|b| b.name = "a/b".into()), "body.name"),
        (with(|b| b.version.clear()), "body.version"),
        (with(|b| b.version = "x".repeat(129)), "body.version"),
        (with(|b| b.version = "\0".into()), "body.version"),
        (with(|b| b.block_content.clear()), "body.block_content"),
        (
            with(|b| b.block_content = " \n".into()),
            "body.block_content",
        ),
        (
            with(|b| b.block_content = "a\0".into()),
            "body.block_content",
        ),
        (
            with(|b| b.block_content = "x".repeat(256 * 1_024 + 1)),
            "body.block_content",
        ),
        (
            with(|b| b.additional_description = "x".repeat(256)),
            "body.additional_description",
        ),
        (
            with(|b| drop(b.labels.insert(String::new(), String::new()))),
            "body.labels",
        ),
    ] {
        let refused = refusal(admin.create_enforced_block(&body).await);
        assert!(refused.starts_with(&format!("400/3 {field}")), "{refused}");
    }
    expect_events(&server, "enforced_block.created", 0);
    let most = with(|b| b.block_content = "x".repeat(256 * 1_024));
    admin.create_enforced_block(&most).await.unwrap();
}

#[tokio::test]
async fn nothing_is_enforced_on_a_bucket_that_nothing_is_linked_to() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    create(&admin, "baseline").await;
    assert_eq!(enforced(&admin, "alpine").await, Vec::<String>::new());
    let missing = refusal(admin.get_enforced_blocks_by_bucket("none").await);
    assert!(missing.starts_with("404/5"), "{missing}");
}

#[tokio::test]
async fn linking_replaces_the_buckets_of_a_version() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for name in ["c", "a", "b"] {
        admin.bucket(name).await;
    }
    let (_, version) = create(&admin, "baseline").await;
    link(&admin, &version, &["c", "a", "a"]).await;
    assert_eq!(linked(&admin, &version).await, ["a", "c"]);
    link(&admin, &version, &["b", "a"]).await;
    assert_eq!(linked(&admin, &version).await, ["a", "b"]);
    assert_eq!(enforced(&admin, "a").await, ["baseline 1.0.0"]);
    assert_eq!(enforced(&admin, "c").await, Vec::<String>::new());
    link(&admin, &version, &["b", "a"]).await;
    expect_events(&server, "enforced_block_link.created", 3);
    expect_events(&server, "enforced_block_link.deleted", 1);
    let none = ManageEnforcedBlockLinkedBucketsBody::default();
    let (block, id) = (&version.enforced_block_id, &version.id);
    let answer = admin.manage_enforced_block_linked_buckets(block, id, &none);
    assert!(answer.await.unwrap().enforced_block_buckets.is_empty());
    expect_events(&server, "enforced_block_link.deleted", 3);
}

#[tokio::test]
async fn a_bucket_moves_to_another_version_of_the_same_block() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.bucket("debian").await;
    let (block, first) = create(&admin, "baseline").await;
    let second = add(&admin, &block.id, "2.0.0").await;
    link(&admin, &first, &["alpine", "debian"]).await;
    link(&admin, &second, &["alpine"]).await;
    assert_eq!(linked(&admin, &first).await, ["debian"]);
    assert_eq!(linked(&admin, &second).await, ["alpine"]);
    assert_eq!(enforced(&admin, "alpine").await, ["baseline 2.0.0"]);
    expect_events(&server, "enforced_block_link.updated", 1);
}

#[tokio::test]
async fn several_blocks_come_in_the_order_of_their_names() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    for name in ["zeta", "Beta", "alpha"] {
        let (_, version) = create(&admin, name).await;
        link(&admin, &version, &["alpine"]).await;
    }
    let expected = ["Beta 1.0.0", "alpha 1.0.0", "zeta 1.0.0"];
    assert_eq!(enforced(&admin, "alpine").await, expected);
}

#[tokio::test]
async fn buckets_that_do_not_exist_are_named_and_nothing_is_linked() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let (block, version) = create(&admin, "baseline").await;
    for (names, text) in [
        (vec!["alpine", "x1", "x2"], "no such buckets: x1, x2"),
        (vec!["a/b"], "must be 1 to 128"),
        (vec!["alpine"; 1_001], "must be at most 1000 names"),
    ] {
        let body = to(&names);
        let refused = admin.manage_enforced_block_linked_buckets(&block.id, &version.id, &body);
        let refused = refusal(refused.await);
        assert!(refused.starts_with("400/3 body.bucket_names"), "{refused}");
        assert!(refused.contains(text), "{refused}");
    }
    assert_eq!(linked(&admin, &version).await, Vec::<String>::new());
    expect_events(&server, "enforced_block_link.created", 0);
}

#[tokio::test]
async fn what_is_linked_cannot_be_deleted() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.bucket("debian").await;
    let (block, version) = create(&admin, "baseline").await;
    link(&admin, &version, &["debian", "alpine"]).await;
    let deleted = admin.delete_enforced_block_version(&block.id, &version.id);
    assert_eq!(
        refusal(deleted.await),
        "400/9 version 1.0.0 of enforced block baseline is enforced on the buckets alpine, debian: \
         unlink them first"
    );
    let deleted = refusal(admin.delete_enforced_block(&block.id).await);
    assert!(
        deleted.starts_with("400/9 enforced block baseline is enforced"),
        "{deleted}"
    );
    let other = add(&admin, &block.id, "2").await;
    let deleted = admin.delete_enforced_block_version(&block.id, &other.id);
    deleted.await.unwrap();
    link(&admin, &version, &[]).await;
    admin.delete_enforced_block(&block.id).await.unwrap();
    let gone = refusal(admin.get_enforced_block(&block.id).await);
    assert!(gone.starts_with("404/5 enforced block with"), "{gone}");
    expect_events(&server, "enforced_block.deleted", 1);
}

#[tokio::test]
async fn deleting_a_bucket_drops_its_links() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let (block, version) = create(&admin, "baseline").await;
    link(&admin, &version, &["alpine"]).await;
    admin.delete_bucket("alpine").await.unwrap();
    assert_eq!(linked(&admin, &version).await, Vec::<String>::new());
    admin.bucket("alpine").await;
    assert_eq!(enforced(&admin, "alpine").await, Vec::<String>::new());
    admin.delete_enforced_block(&block.id).await.unwrap();
}

#[tokio::test]
async fn a_block_of_another_block_or_project_does_not_exist() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let (block, version) = create(&admin, "baseline").await;
    let (other, _) = create(&admin, "other").await;
    let wrong = admin.delete_enforced_block_version(&other.id, &version.id);
    let wrong = refusal(wrong.await);
    assert!(wrong.starts_with("404/5 enforced block version"), "{wrong}");

    let second = second_project(&server).await;
    let value = |name: &str| server.env[name].clone();
    let there = server.build(|builder| {
        builder
            .credentials(value("HCP_CLIENT_ID"), value("HCP_CLIENT_SECRET"))
            .scope(&second.organization_id, &second.id)
    });
    assert_eq!(
        there.list_enforced_blocks().await.unwrap(),
        ListEnforcedBlocksResponse::default()
    );
    there.bucket("alpine").await;
    create(&there, "baseline").await;
    for refused in [
        refusal(try_link(&there, &version, &["alpine"]).await),
        refusal(there.get_enforced_block(&block.id).await),
        refusal(there.delete_enforced_block(&block.id).await),
        refusal(
            there
                .update_enforced_block(&block.id, &update("name", "x"))
                .await,
        ),
        refusal(there.get_enforced_block_versions(&block.id).await),
        refusal(
            there
                .create_enforced_block_version(&block.id, &self::version("3"))
                .await,
        ),
    ] {
        assert!(
            refused.starts_with("404/5 enforced block with"),
            "{refused}"
        );
    }
}

#[tokio::test]
async fn whoever_has_no_role_in_the_project_does_not_find_it() {
    let server = TestServer::start().await;
    let second = second_project(&server).await;
    let scope = Scope::Project(server.project.id.clone());
    let client = server.principal("narrow", scope, Role::Admin).await;
    let path = client.scope().unwrap().enforced_blocks();
    let path = path.replace(&server.project.id, &second.id);
    let answer = client.send(touchmark_client::Method::GET, &path, None);
    assert_eq!(answer.await.unwrap().status, 404);
}

#[tokio::test]
async fn nobody_below_an_admin_changes_what_is_enforced_and_everybody_reads_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    let (block, version) = create(&admin, "baseline").await;
    link(&admin, &version, &["alpine"]).await;
    let (b, v) = (block.id.as_str(), version.id.as_str());
    for client in [
        server.viewer().await,
        server.builder().await,
        server.contributor().await,
    ] {
        assert_eq!(enforced(&client, "alpine").await, ["baseline 1.0.0"]);
        assert_eq!(linked(&client, &version).await, ["alpine"]);
        see(&client, b).await;
        client.list_enforced_blocks().await.unwrap();
        client.get_enforced_block_versions(b).await.unwrap();
        let description = describe("additionalDescription", "x");
        for refused in [
            refusal(client.create_enforced_block(&self::block("new")).await),
            refusal(client.update_enforced_block(b, &update("name", "x")).await),
            refusal(client.delete_enforced_block(b).await),
            refusal(
                client
                    .create_enforced_block_version(b, &self::version("2"))
                    .await,
            ),
            refusal(
                client
                    .update_enforced_block_version(b, v, &description)
                    .await,
            ),
            refusal(client.delete_enforced_block_version(b, v).await),
            refusal(
                client
                    .manage_enforced_block_linked_buckets(b, v, &to(&[]))
                    .await,
            ),
        ] {
            assert!(refused.starts_with("403/7"), "{refused}");
            assert!(refused.contains("the role admin"), "{refused}");
        }
    }
}

#[tokio::test]
async fn a_role_on_a_bucket_is_enough_to_read_what_its_builds_must_run() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.bucket("debian").await;
    let (_, version) = create(&admin, "baseline").await;
    link(&admin, &version, &["alpine", "debian"]).await;
    let bucket = admin.see_bucket("alpine").await.id;
    let client = server
        .principal("narrow", Scope::Bucket(bucket), Role::Viewer)
        .await;
    assert_eq!(enforced(&client, "alpine").await, ["baseline 1.0.0"]);
    for refused in [
        refusal(client.get_enforced_blocks_by_bucket("debian").await),
        refusal(client.list_enforced_blocks().await),
    ] {
        assert!(refused.starts_with("403/7"), "{refused}");
    }
}

#[tokio::test]
async fn blocks_and_versions_are_limited() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let (block, _) = create(&admin, "baseline").await;
    server.execute(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO enforced_blocks (id, project_id, name, labels, created_at, updated_at)
         SELECT 'b' || i, '{}', 'b' || i, '{{}}', 0, 0 FROM n;
         WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
         INSERT INTO enforced_block_versions (id, block_id, sequence, label, content, template_type,
             additional_description, created_at, updated_at)
         SELECT 'v' || i, '{}', i, 'l' || i, 'x', 'UNSET', '', 0, 0 FROM n;",
        server.project.id, block.id
    ));
    let refused = refusal(admin.create_enforced_block(&self::block("more")).await);
    assert_eq!(refused, "400/9 a project has at most 100 enforced blocks");
    let refused = refusal(try_add(&admin, &block.id, "more").await);
    assert!(
        refused.starts_with("400/9 an enforced block has at most 100"),
        "{refused}"
    );
    let gone = admin.delete_enforced_block_version(&block.id, "v50");
    gone.await.unwrap();
    add(&admin, &block.id, "more").await;
}
