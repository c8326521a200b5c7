//! Which versions a revocation of many selects.

use std::{collections::BTreeMap, time::Duration};

use touchmark_tests::{
    Client, Story as _, TestServer, done, refusal,
    wire::{build::UpdateBuildBody, revocation::RevocationBody},
};

use crate::{
    kit::{Steps as _, later, revoke_in},
    revocation_preview::{named, preview, targets},
};

fn labels(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    pairs.iter().map(pair).collect()
}

fn artifacts(ids: &[&str]) -> RevocationBody {
    RevocationBody {
        artifacts: Some(ids.iter().map(|id| (*id).to_owned()).collect()),
        ..RevocationBody::default()
    }
}

fn bucket(name: &str) -> RevocationBody {
    RevocationBody {
        bucket: Some(name.to_owned()),
        ..RevocationBody::default()
    }
}

/// A complete version whose build has labels, and the artifact `shared`.
async fn labelled(client: &Client, place: (&str, &str), pairs: &[(&str, &str)]) {
    let (bucket, fingerprint) = place;
    client.version(bucket, fingerprint).await;
    let build = client.build(bucket, fingerprint, "null.x").await;
    let body = UpdateBuildBody {
        labels: labels(pairs),
        ..done("shared")
    };
    client.tell((bucket, fingerprint, &build), &body).await;
}

/// `alpine/one`, `alpine/two` and `debian/one` with labels; `debian/two` without, and an hour younger.
async fn world(server: &TestServer) -> Client {
    let admin = server.admin();
    for bucket in ["alpine", "debian"] {
        admin.bucket(bucket).await;
    }
    labelled(&admin, ("alpine", "one"), &[("os", "linux"), ("team", "a")]).await;
    labelled(&admin, ("alpine", "two"), &[("os", "linux"), ("team", "b")]).await;
    labelled(&admin, ("debian", "one"), &[("os", "linux"), ("team", "a")]).await;
    let admin = later(server, Duration::from_hours(1));
    admin.complete("debian", "two").await;
    admin
}

async fn selected(client: &Client, body: RevocationBody) -> Vec<String> {
    targets(&preview(client, &body).await)
}

async fn refused(client: &Client, body: &RevocationBody) -> String {
    let preview = refusal(client.own().preview_revocation("", body).await);
    let execution = refusal(client.own().revoke_many("", body).await);
    assert_eq!(preview, execution);
    preview
}

#[tokio::test]
async fn versions_are_found_by_each_part_of_a_selection() {
    let server = TestServer::start().await;
    let admin = world(&server).await;
    let both = named(&["debian/one", "alpine/two", "debian/one"]);
    assert_eq!(selected(&admin, both).await, ["alpine/two", "debian/one"]);
    assert_eq!(
        selected(&admin, artifacts(&["shared"])).await,
        ["alpine/one", "alpine/two", "debian/one"]
    );
    assert_eq!(
        selected(&admin, artifacts(&["shared", "two"])).await.len(),
        4
    );
    assert_eq!(
        selected(&admin, bucket("debian")).await,
        ["debian/one", "debian/two"]
    );
    let by_labels = RevocationBody {
        labels: Some(labels(&[("os", "linux"), ("team", "a")])),
        ..RevocationBody::default()
    };
    assert_eq!(
        selected(&admin, by_labels).await,
        ["alpine/one", "debian/one"]
    );
}

#[tokio::test]
async fn parts_that_are_given_must_all_agree() {
    let server = TestServer::start().await;
    let admin = world(&server).await;
    let team = Some(labels(&[("team", "a")]));
    let body = RevocationBody {
        labels: team.clone(),
        ..bucket("alpine")
    };
    assert_eq!(selected(&admin, body).await, ["alpine/one"]);
    let body = RevocationBody {
        bucket: Some("debian".into()),
        ..artifacts(&["shared"])
    };
    assert_eq!(selected(&admin, body).await, ["debian/one"]);
    let body = RevocationBody {
        labels: team,
        artifacts: Some(vec!["shared".into()]),
        ..named(&["alpine/one", "alpine/two", "debian/two"])
    };
    assert_eq!(selected(&admin, body).await, ["alpine/one"]);
    let body = RevocationBody {
        bucket: Some("debian".into()),
        ..named(&["alpine/one"])
    };
    assert!(selected(&admin, body).await.is_empty());
}

#[tokio::test]
async fn an_age_counts_from_the_creation_of_a_version() {
    let server = TestServer::start().await;
    let admin = world(&server).await;
    let older = |span: &str| RevocationBody {
        older_than: Some(span.to_owned()),
        ..bucket("debian")
    };
    assert_eq!(selected(&admin, older("59m")).await, ["debian/one"]);
    assert!(selected(&admin, older("1h1m")).await.is_empty());
    let body = RevocationBody {
        labels: Some(labels(&[("os", "linux")])),
        bucket: None,
        ..older("30m")
    };
    assert_eq!(selected(&admin, body).await.len(), 3);
}

#[tokio::test]
async fn what_is_named_and_not_there_is_refused_by_its_name() {
    let server = TestServer::start().await;
    let admin = world(&server).await;
    let mut seen = Vec::new();
    for body in [
        named(&["alpine/one", "alpine/none"]),
        named(&["none/one"]),
        artifacts(&["shared", "ami-0"]),
        RevocationBody {
            bucket: Some("alpine".into()),
            ..artifacts(&["two"])
        },
        bucket("none"),
    ] {
        seen.push(refused(&admin, &body).await);
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    404/5 version with identifier none of bucket alpine does not exist
    404/5 bucket with identifier none does not exist
    404/5 artifact with identifier ami-0 does not exist
    404/5 artifact with identifier two does not exist
    404/5 bucket with identifier none does not exist
    ");
}

#[tokio::test]
async fn what_is_revoked_already_is_skipped_unless_it_is_named() {
    let server = TestServer::start().await;
    let admin = world(&server).await;
    admin.decide("alpine", "one", &revoke_in("0s")).await;
    admin.decide("alpine", "two", &revoke_in("9d")).await;
    insta::assert_snapshot!(
        refused(&admin, &named(&["alpine/two", "alpine/one"])).await,
        @"400/9 version one of bucket alpine is revoked: restore it first"
    );
    for body in [bucket("alpine"), artifacts(&["shared"])] {
        let seen = preview(&admin, &body).await;
        assert_eq!(
            seen.targets[0].fingerprint, "two",
            "what is scheduled can be moved"
        );
        assert_eq!(seen.skipped_total, 1);
        assert_eq!(seen.skipped[0].fingerprint, "one");
    }
}

#[tokio::test]
async fn a_selection_of_nothing_is_shown_and_not_done() {
    let server = TestServer::start().await;
    let admin = world(&server).await;
    let nobody = RevocationBody {
        labels: Some(labels(&[("team", "nobody")])),
        ..RevocationBody::default()
    };
    let seen = preview(&admin, &nobody).await;
    assert_eq!((seen.targets.len(), seen.skipped_total), (0, 0));
    let refused = refusal(admin.own().revoke_many("", &nobody).await);
    insta::assert_snapshot!(refused, @"400/9 nothing to revoke: no version is selected that is not revoked already");
}

#[tokio::test]
async fn selections_that_say_nothing_or_too_much_are_refused() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let mut seen = Vec::new();
    for body in [
        RevocationBody::default(),
        named(&[]),
        artifacts(&[]),
        artifacts(&[""]),
        RevocationBody {
            older_than: Some("90d".into()),
            ..artifacts(&["a"])
        },
        RevocationBody {
            older_than: Some("a while".into()),
            ..bucket("a")
        },
        RevocationBody {
            revoke_in: Some("1h".into()),
            revoke_at: Some(touchmark_tests::wire::time::Timestamp::from_micros(0)),
            ..bucket("a")
        },
        RevocationBody {
            message: Some("x".repeat(4_097)),
            ..bucket("a")
        },
        artifacts(&["a"; 1_001]),
    ] {
        seen.push(refused(&admin, &body).await);
    }
    insta::assert_snapshot!(seen.join("\n"), @"
    400/3 body: must say one of: versions, artifacts, bucket, labels
    400/3 body.versions: must not be empty
    400/3 body.artifacts: must not be empty
    400/3 body.artifacts: must not be empty
    400/3 body.older_than: needs bucket or labels
    400/3 body.older_than: must be a span such as 30d, 12h, 1.5h or 2h45m (units d, h, m, s)
    400/3 body.revoke_in: cannot be given together with revoke_at
    400/3 body.message: must be at most 4096 bytes
    400/3 body.artifacts: must be at most 1000, not 1001
    ");
}
