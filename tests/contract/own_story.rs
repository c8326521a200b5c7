//! A story in which every operation of our own face succeeds, and the refusals, each held against its schema.

use std::collections::BTreeSet;

use serde_json::json;
use touchmark_tests::{Story, TestServer, upload, wire::sbom::SbomFormat};

use crate::{document::Document, errors::refusals, teller::Teller};

const CI: (&str, &str) = ("name", "ci");

#[tokio::test]
async fn every_operation_succeeds_and_answers_what_its_schema_says() {
    let server = TestServer::start().await;
    server.admin().complete_bucket().await;
    let mut teller = Teller::own(&server, server.admin());
    for look in [
        "GetDescription",
        "WhoAmI",
        "ListOrganizations",
        "ListProjects?page_size=1",
    ] {
        teller.look(look, &[]).await;
    }
    let body = json!({"name": "ci", "expires_in": "90d", "role": null});
    let made = teller.tell("CreatePrincipal", &[], body).await;
    assert_eq!(made["principal"]["roles"][0]["role"], "builder");
    let rotated = teller
        .tell("RotateSecret", &[CI], json!({"expires_in": "1h"}))
        .await;
    let secret = rotated["principal"]["secrets"][0]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    teller.look("DeleteSecret", &[CI, ("id", &secret)]).await;
    let whole = json!({"scope": "organization", "role": "viewer"});
    teller.tell("GrantRole", &[CI], whole).await;
    teller.look("RevokeRole?scope=organization", &[CI]).await;
    teller
        .tell("ChangePrincipal", &[CI], json!({"disabled": true}))
        .await;
    teller.look("GetPrincipal", &[CI]).await;
    teller.look("ListPrincipals?page_size=1", &[]).await;
    let body = json!({"name": "second", "description": "more"});
    let project = teller.tell("CreateProject", &[], body).await;
    let first = &server.project.id;
    teller
        .look(&format!("ListEvents?project={first}&page_size=3"), &[])
        .await;
    teller
        .look("ListEvents?project=default&order=oldest&bucket=base", &[])
        .await;
    let packages = teller.look(
        "ListPackages?project=default&bucket=base&name_starts_with=z",
        &[],
    );
    assert_eq!(packages.await["packages"][0]["name"], "zlib");
    about_images(&mut teller).await;
    freshness(&mut teller).await;
    teller.look("DeletePrincipal", &[CI]).await;
    revocations(&mut teller).await;
    board(&mut teller).await;
    let id = project["project"]["id"].as_str().expect("an id").to_owned();
    teller.look("DeleteProject", &[("project", &id)]).await;
    teller.look("ListEvents?resource_kind=project", &[]).await;
    let all = Document::own().operations.iter();
    let expected: BTreeSet<String> = all.map(|operation| operation.id.clone()).collect();
    assert_eq!(teller.succeeded, expected);
}

/// What counts as outdated.
async fn freshness(teller: &mut Teller<'_>) {
    let bucket = ("bucket", "base");
    let latest = [bucket, ("channel", "latest")];
    let project = "project=default";
    for call in ["GetFreshness", "GetBucketFreshness", "GetChannelFreshness"] {
        let said = teller.look(&format!("{call}?{project}"), &latest).await;
        assert_eq!(said["updated_at"], json!(null));
    }
    let call = format!("SetFreshness?{project}");
    let body = json!({"grace_seconds": 60, "age_limit_seconds": null});
    teller.tell(&call, &[], body).await;
    let call = format!("SetBucketFreshness?{project}");
    let body = json!({"age_limit_seconds": 86_400});
    teller.tell(&call, &[bucket], body).await;
    let call = format!("SetChannelFreshness?{project}");
    teller.tell(&call, &latest, json!({"may_lag": true})).await;
}

/// A bucket whose channel lost its version, and one built from a revoked version.
async fn board(teller: &mut Teller<'_>) {
    let found = teller.look("GetBoard?project=default&state=act&page_size=1", &[]);
    let found = found.await;
    assert_eq!(found["buckets"][0]["reasons"][0]["kind"], "channel_emptied");
    let next = found["next_page_token"].as_str().expect("a token");
    let next = format!("GetBoard?project=default&state=act&page_size=1&page_token={next}");
    assert_eq!(teller.look(&next, &[]).await["next_page_token"], "");
    let found = teller.look("GetBoard?project=default&q=CHILD&reason=nothing_valid", &[]);
    assert_eq!(found.await["total"], 1);
}

/// What a channel gives, and an SBOM for a build that is done.
async fn about_images(teller: &mut Teller<'_>) {
    let latest = [("bucket", "base"), ("channel", "latest")];
    let asked = "Resolve?project=default&platform=aws&at=2999-01-01T00:00:00Z&allow_revoked=true";
    let found = teller.look(asked, &latest).await;
    assert_eq!(found["external_identifier"], "one");
    let version = teller.server.admin().look("base", "one").await;
    let build = [
        ("bucket", "base"),
        ("fingerprint", "one"),
        ("build", &version.builds[0].id),
    ];
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.5", "components": []});
    let body = json!(upload(SbomFormat::CycloneDx, &document, "late"));
    teller.tell("PutSbom?project=default", &build, body).await;
}

/// A version that a channel holds, and one built from it.
async fn revocations(teller: &mut Teller<'_>) {
    let admin = teller.server.admin();
    admin.channel("base", "prod", "one").await;
    let one = admin.look("base", "one").await;
    admin.bucket("child").await;
    admin.child("child", "c", &one, "").await;
    let labels = json!({"project": null, "versions": null, "labels": {"a": "b"}});
    let call = "PreviewRevocation?project=default";
    let (status, _) = teller.ask(call, &[], Some(labels)).await;
    assert_eq!(status, 400, "a project is not part of the body");
    let mut body = json!({"versions": [{"bucket": "base", "fingerprint": "one"}], "bucket": null});
    let seen = teller.tell(call, &[], body.clone()).await;
    assert_eq!(
        seen["descendants"][0]["inherits_from"]["fingerprint"],
        "one"
    );
    assert_eq!(seen["channels"][1]["to"], json!(null));
    body["digest"] = seen["digest"].clone();
    let done = teller.tell("RevokeVersions?project=default", &[], body);
    assert_eq!(done.await["digest"], seen["digest"]);
}

trait Bucket {
    async fn complete_bucket(&self);
}

impl Bucket for touchmark_tests::Client {
    async fn complete_bucket(&self) {
        self.bucket("base").await;
        self.complete("base", "one").await;
        self.version("base", "two").await;
        let build = self.build("base", "two", "docker.a").await;
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.5",
            "components": [{"type": "library", "name": "zlib", "version": "1"}]});
        let body = upload(SbomFormat::CycloneDx, &document, "packages");
        let uploaded = self.upload_sbom("base", "two", &build, &body).await;
        uploaded.expect("an SBOM");
    }
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "it is one table of calls")]
async fn refusals_answer_what_their_schema_says() {
    let server = TestServer::start().await;
    let mut teller = Teller::own(&server, server.admin());
    let seen = refusals(
        &mut teller,
        vec![
            ("WhoAmI?x=1", "", None),
            ("ListEvents?order=up", "", None),
            ("GetBoard?state=bad", "", None),
            ("GetBoard?reason=age", "", None),
            ("GetBoard?format=xml", "", None),
            ("GetBoard?format=csv&page_size=1", "", None),
            ("GetBoard?page_token=junk", "", None),
            ("SetFreshness", "", Some(json!({"grace_seconds": -1}))),
            ("SetFreshness", "", Some(json!({"grace": 1}))),
            ("ListEvents?since=yesterday", "", None),
            ("ListEvents?page_size=0", "", None),
            ("ListEvents?page_size=1001", "", None),
            ("ListEvents?page_token=junk", "", None),
            ("ListEvents?bucekt=a", "", None),
            ("ListEvents?actor=a&actor=b", "", None),
            ("ListEvents?actor=", "", None),
            ("ListEvents?actor=%00", "", None),
            ("ListEvents?bucket=none", "", None),
            ("ListEvents?project=none", "", None),
            ("CreatePrincipal", "", Some(json!({}))),
            ("CreatePrincipal", "", Some(json!({"name": "admin"}))),
            ("CreatePrincipal", "", Some(json!({"name": "a b"}))),
            (
                "CreatePrincipal",
                "",
                Some(json!({"name": "a", "roel": "admin"})),
            ),
            (
                "CreatePrincipal",
                "",
                Some(json!({"name": "a", "role": "king"})),
            ),
            (
                "CreatePrincipal",
                "",
                Some(json!({"name": "a", "scope": "bucket"})),
            ),
            (
                "CreatePrincipal",
                "",
                Some(json!({"name": "a", "project": "none"})),
            ),
            (
                "CreatePrincipal",
                "",
                Some(json!({"name": "a", "expires_in": "soon"})),
            ),
            ("GetPrincipal", "name=none", None),
            ("ChangePrincipal", "name=admin", Some(json!({}))),
            (
                "ChangePrincipal",
                "name=admin",
                Some(json!({"disabled": true})),
            ),
            ("DeletePrincipal", "name=admin", None),
            ("DeleteSecret", "name=admin id=none", None),
            ("GrantRole", "name=admin", Some(json!({}))),
            (
                "GrantRole",
                "name=admin",
                Some(json!({"scope": "organization", "role": "viewer"})),
            ),
            ("RevokeRole?scope=organization", "name=admin", None),
            ("RevokeRole?scope=world", "name=admin", None),
            ("CreateProject", "", Some(json!({"name": "default"}))),
            ("CreateProject", "", Some(json!({"name": ""}))),
            ("DeleteProject", "project=default", None),
            ("DeleteProject", "project=none", None),
            ("PreviewRevocation", "", Some(json!({}))),
            (
                "PreviewRevocation",
                "",
                Some(json!({"bucket": "a", "digest": "d"})),
            ),
            (
                "RevokeVersions",
                "",
                Some(json!({"bucket": "a", "versions": []})),
            ),
            ("RevokeVersions", "", Some(json!({"older_than": "90d"}))),
            ("RevokeVersions", "", Some(json!({"bukcet": "a"}))),
            ("RevokeVersions", "", Some(json!({"bucket": "a\0"}))),
            ("RevokeVersions", "", Some(json!({"bucket": "none"}))),
            ("RevokeVersions", "", Some(json!({"artifacts": ["none"]}))),
            ("RevokeVersions", "", Some(json!({"labels": {"a": "b"}}))),
            (
                "RevokeVersions",
                "",
                Some(json!({"labels": {"a": "b"}, "revoke_in": "soon"})),
            ),
            (
                "PutSbom",
                "bucket=none fingerprint=f build=b",
                Some(json!({})),
            ),
            (
                "PutSbom?name=a",
                "bucket=none fingerprint=f build=b",
                Some(json!({})),
            ),
            ("Resolve", "bucket=none channel=none", None),
            ("Resolve?label=a", "bucket=a channel=b", None),
        ],
    )
    .await;
    insta::assert_snapshot!(seen, @r#"
    WhoAmI?x=1   -> 400/3
    ListEvents?order=up   -> 400/3
    GetBoard?state=bad   -> 400/3
    GetBoard?reason=age   -> 400/3
    GetBoard?format=xml   -> 400/3
    GetBoard?format=csv&page_size=1   -> 400/3
    GetBoard?page_token=junk   -> 400/3
    SetFreshness  {"grace_seconds":-1} -> 400/3
    SetFreshness  {"grace":1} -> 400/3
    ListEvents?since=yesterday   -> 400/3
    ListEvents?page_size=0   -> 400/3
    ListEvents?page_size=1001   -> 400/3
    ListEvents?page_token=junk   -> 400/3
    ListEvents?bucekt=a   -> 400/3
    ListEvents?actor=a&actor=b   -> 400/3
    ListEvents?actor=   -> 400/3
    ListEvents?actor=%00   -> 400/3
    ListEvents?bucket=none   -> 404/5
    ListEvents?project=none   -> 404/5
    CreatePrincipal  {} -> 400/3
    CreatePrincipal  {"name":"admin"} -> 409/6
    CreatePrincipal  {"name":"a b"} -> 400/3
    CreatePrincipal  {"name":"a","roel":"admin"} -> 400/3
    CreatePrincipal  {"name":"a","role":"king"} -> 400/3
    CreatePrincipal  {"name":"a","scope":"bucket"} -> 400/3
    CreatePrincipal  {"name":"a","project":"none"} -> 404/5
    CreatePrincipal  {"expires_in":"soon","name":"a"} -> 400/3
    GetPrincipal name=none  -> 404/5
    ChangePrincipal name=admin {} -> 400/3
    ChangePrincipal name=admin {"disabled":true} -> 400/9
    DeletePrincipal name=admin  -> 400/9
    DeleteSecret name=admin id=none  -> 404/5
    GrantRole name=admin {} -> 400/3
    GrantRole name=admin {"role":"viewer","scope":"organization"} -> 400/9
    RevokeRole?scope=organization name=admin  -> 400/9
    RevokeRole?scope=world name=admin  -> 400/3
    CreateProject  {"name":"default"} -> 409/6
    CreateProject  {"name":""} -> 400/3
    DeleteProject project=default  -> 400/9
    DeleteProject project=none  -> 404/5
    PreviewRevocation  {} -> 400/3
    PreviewRevocation  {"bucket":"a","digest":"d"} -> 400/3
    RevokeVersions  {"bucket":"a","versions":[]} -> 400/3
    RevokeVersions  {"older_than":"90d"} -> 400/3
    RevokeVersions  {"bukcet":"a"} -> 400/3
    RevokeVersions  {"bucket":"a\u0000"} -> 400/3
    RevokeVersions  {"bucket":"none"} -> 404/5
    RevokeVersions  {"artifacts":["none"]} -> 404/5
    RevokeVersions  {"labels":{"a":"b"}} -> 400/9
    RevokeVersions  {"labels":{"a":"b"},"revoke_in":"soon"} -> 400/3
    PutSbom bucket=none fingerprint=f build=b {} -> 404/5
    PutSbom?name=a bucket=none fingerprint=f build=b {} -> 400/3
    Resolve bucket=none channel=none  -> 404/5
    Resolve?label=a bucket=a channel=b  -> 400/3
    "#);
}
