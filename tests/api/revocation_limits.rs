//! How many versions are revoked at once, and how many may inherit from them.

use touchmark_tests::{
    Story as _, TestServer, refusal,
    wire::{
        revocation::{RevocationBody, VersionKey},
        version::VersionStatus::{Active, Revoked},
    },
};

use crate::{
    kit::expect_events,
    revocation_preview::{named, preview},
};

#[tokio::test]
async fn a_thousand_are_revoked_and_one_more_is_refused() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "last").await;
    // As many as one by one would take minutes.
    server.execute(
        "INSERT INTO versions (id, bucket_id, sequence, fingerprint, number, template_type, author_id, \
         created_at, updated_at) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000) \
         SELECT 'many-' || CAST(i AS TEXT), buckets.id, 1000 + i, 'f' || CAST(i AS TEXT), NULL, 'UNSET', \
         'admin', 1, 1 FROM n CROSS JOIN buckets WHERE buckets.name = 'alpine'",
    );
    let all = RevocationBody {
        bucket: Some("alpine".into()),
        ..RevocationBody::default()
    };
    insta::assert_snapshot!(refusal(admin.own().preview_revocation("", &all).await), @"400/9 1001 versions are selected, and at most 1000 are revoked at once: select fewer");
    let old = RevocationBody {
        older_than: Some("1d".into()),
        ..all.clone()
    };
    let seen = preview(&admin, &old).await;
    assert_eq!(seen.targets.len(), 1_000);
    let confirmed = RevocationBody {
        digest: Some(seen.digest),
        ..old
    };
    let done = admin
        .own()
        .revoke_many("", &confirmed)
        .await
        .expect("a revocation");
    assert!(done.targets.iter().all(|one| one.status == Revoked));
    expect_events(&server, "version.revoked", 1_000);
    assert_eq!(admin.look("alpine", "last").await.status, Active);
    let seen = preview(&admin, &all).await;
    assert_eq!((seen.targets.len(), seen.skipped_total), (1, 1_000));
    assert_eq!(seen.skipped.len(), 1_000);
}

#[tokio::test]
async fn too_many_that_would_inherit_are_refused() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("alpine").await;
    admin.complete("alpine", "f0").await;
    // Each but the first was built from the one before, so that each inherits from all before it.
    server.execute(
        "INSERT INTO versions (id, bucket_id, sequence, fingerprint, number, template_type, author_id, \
         created_at, updated_at) \
         WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200) \
         SELECT 'many-' || CAST(i AS TEXT), buckets.id, 1000 + i, 'f' || CAST(i AS TEXT), NULL, 'UNSET', \
         'admin', 1, 1 FROM n CROSS JOIN buckets WHERE buckets.name = 'alpine'; \
         INSERT INTO builds (id, version_id, sequence, component_type, status, status_reason, \
         packer_run_uuid, platform, source_external_identifier, parent_version_id, parent_channel_id, \
         labels, created_at, updated_at) \
         WITH RECURSIVE n (i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 200) \
         SELECT 'built-' || CAST(i AS TEXT), 'many-' || CAST(i AS TEXT), 2000 + i, 'null.x', 'UNSET', '', \
         '', '', '', 'many-' || CAST(i - 1 AS TEXT), '', '{}', 1, 1 FROM n",
    );
    let all = RevocationBody {
        bucket: Some("alpine".into()),
        ..RevocationBody::default()
    };
    insta::assert_snapshot!(refusal(admin.own().revoke_many("", &all).await), @"400/9 more than 5000 revocations would be recorded, of the versions and of all that descends from each of them: select fewer versions, or skip descendants");
    // One alone is revoked however many descend from it.
    let seen = preview(&admin, &named(&["alpine/f1"])).await;
    assert_eq!(seen.descendants.len(), 199);
    let hundred = (150..=200).map(|number| VersionKey {
        bucket: "alpine".into(),
        fingerprint: format!("f{number}"),
    });
    let body = RevocationBody {
        versions: Some(hundred.collect()),
        ..RevocationBody::default()
    };
    let done = admin
        .own()
        .revoke_many("", &body)
        .await
        .expect("a revocation");
    assert_eq!(done.targets.len(), 51);
    expect_events(&server, "version.revoked", 51);
    expect_events(&server, "version.revocation_inherited", 51 * 50 / 2);
}
