//! Two runs on one fingerprint.

use touchmark_tests::{Story, TestServer};

use crate::run::{Packer, Release};

const SECOND: &str = "9d1f7c14-52a5-4d0e-8b1e-0b6f6f3b6a10";
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

#[tokio::test]
async fn two_runs_that_register_at_once_share_the_builds_between_them() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for round in 0..5 {
        let fingerprint = format!("f{round}");
        let at = ("alpine", fingerprint.as_str());
        let one = Packer::new(&server, Release::V1_16, at).await;
        let mut other = Packer::new(&server, Release::V1_16, at).await;
        other.run = SECOND.to_owned();
        if round == 0 {
            admin.bucket("alpine").await;
        }
        admin.version("alpine", &fingerprint).await;
        let (mine, theirs) = tokio::join!(one.prepare(&NAMES), other.prepare(&NAMES));
        let (mine, theirs) = (mine.expect("a run"), theirs.expect("a run"));
        let mut ids = std::collections::BTreeMap::new();
        for slot in mine.iter().chain(&theirs) {
            let before = ids.insert(slot.component.clone(), slot.id.clone());
            assert!(
                before.is_none_or(|id| id == slot.id),
                "two builds of one component"
            );
        }
        assert_eq!(ids.len(), NAMES.len(), "each build belongs to a run");
        for slot in &mine {
            one.done(slot, one.result("ami-1")).await;
        }
        for slot in theirs
            .iter()
            .filter(|slot| !mine.iter().any(|m| m.id == slot.id))
        {
            other.done(slot, other.result("ami-2")).await;
        }
        let version = admin.look("alpine", &fingerprint).await;
        assert_eq!(version.name, format!("v{}", round + 1));
        assert_eq!(version.builds.len(), NAMES.len());
    }
}

#[tokio::test]
async fn a_build_that_is_there_is_refused_with_code_6_and_the_run_goes_on_without_it() {
    let server = TestServer::start().await;
    let packer = Packer::new(&server, Release::V1_12, ("alpine", "f1")).await;
    packer.prepare(&["a"]).await.expect("a run");
    let path = "/buckets/alpine/versions/f1/builds";
    let body = serde_json::json!({"artifacts": null, "component_type": "a",
        "packer_run_uuid": SECOND, "status": "BUILD_UNSET"});
    let reply = packer
        .call(touchmark_client::Method::POST, path, Some(body))
        .await;
    assert_eq!((reply.status, reply.code()), (409, Some(6)));
    let version = server.admin().look("alpine", "f1").await;
    assert_eq!(version.builds.len(), 1);
    assert_ne!(version.builds[0].packer_run_uuid, SECOND);
}

#[tokio::test]
async fn two_runs_that_create_bucket_and_version_at_once_are_told_code_6() {
    let server = TestServer::start().await;
    for round in 0..5 {
        let bucket = format!("bucket-{round}");
        let one = Packer::new(&server, Release::V1_16, (&bucket, "f1")).await;
        let other = Packer::new(&server, Release::V1_16, (&bucket, "f1")).await;
        let (mine, theirs) = tokio::join!(one.prepare(&NAMES), other.prepare(&NAMES));
        let lost = [&mine, &theirs]
            .into_iter()
            .filter_map(|run| run.as_ref().err());
        for reason in lost {
            assert!(reason.starts_with("code 6"), "{reason}");
        }
        assert!(mine.is_ok() || theirs.is_ok(), "one of them goes on");
        let answer = server.admin().get_bucket(&bucket).await.expect("a bucket");
        assert_eq!(answer.bucket.expect("the bucket").version_count, 1);
    }
}
