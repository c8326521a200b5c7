//! From a channel to the artifact that is meant: what is said when there is none, moments, revocations.

use std::time::Duration;

use insta::assert_snapshot;
use serde_json::Value;
use touchmark_tests::{
    Error, Story as _, TestServer, refusal, shown,
    wire::{error::Code, own::ResolveMiss, time::Timestamp},
};

use crate::{
    kit::{Steps as _, masked, revoke_in},
    resolve::{build, fleet, get, query, resolve},
};

#[tokio::test]
async fn a_miss_says_what_there_is_and_who_had_it_last() {
    let (_server, admin) = fleet().await;
    admin.assign("base", "prod", "two").await;
    let path = "/api/v1/resolve/base/prod?platform=azure&region=westeurope&label.os=windows";
    assert_snapshot!(shown(&get(&admin, path).await), @r#"
    404
    {
      "code": 5,
      "details": [
        {
          "@type": "touchmark/resolve-miss",
          "available": [
            {
              "component_type": "amazon-ebs.base",
              "platform": "aws",
              "region": "us-east-1"
            },
            {
              "component_type": "amazon-ebs.base",
              "platform": "aws",
              "region": "eu-west-1"
            }
          ],
          "last": {
            "external_identifier": "image-1",
            "fingerprint": "one",
            "version_name": "v1"
          },
          "version": {
            "fingerprint": "two",
            "name": "v2"
          }
        }
      ],
      "message": "channel prod of bucket base holds version v2 (two), which has no artifact with platform=azure region=westeurope label.os=windows; it has aws us-east-1 (amazon-ebs.base), aws eu-west-1 (amazon-ebs.base); the last to have one was v1 (one): image-1"
    }
    "#);
    let asked = [("region", "mars"), ("os", "linux")];
    assert_snapshot!(resolve(&admin, "prod", &asked).await, @"404/5 channel prod of bucket base holds version v2 (two), which has no artifact with region=mars label.os=linux; it has aws us-east-1 (amazon-ebs.base), aws eu-west-1 (amazon-ebs.base); no valid version among the 20 before it had one");
    admin.decide("base", "one", &revoke_in("0s")).await;
    let (place, asked) = (("base", "prod"), query(&[("platform", "azure")]));
    let missed = admin.own().resolve(place, &asked).await;
    let Err(Error::Refused { status, .. }) = missed else {
        panic!("it is a miss");
    };
    let miss: ResolveMiss = status.detail().expect("a detail");
    assert_eq!(
        (status.code, miss.last),
        (Code::NotFound, None),
        "what is revoked is no advice"
    );
    assert_eq!(miss.available.len(), 2);
}

#[tokio::test]
async fn a_long_list_of_what_there_is_ends() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("base").await;
    admin.version("base", "one").await;
    let regions: Vec<String> = (10..35).map(|n| format!("ami-{n} r{n}")).collect();
    let regions: Vec<&str> = regions.iter().map(String::as_str).collect();
    build(&admin, ("one", "a", "aws"), &regions, &[]).await;
    let missed = resolve(&admin, "latest", &[("region", "mars")]).await;
    assert!(missed.contains("aws r29 (a) and 5 more; "), "{missed}");
    let path = "/api/v1/resolve/base/latest?region=mars";
    let body: Value = get(&admin, path).await.json().expect("JSON");
    let available = body["details"][0]["available"].as_array();
    assert_eq!(available.map(Vec::len), Some(25));
    let several = resolve(&admin, "latest", &[]).await;
    assert!(
        several.contains("a aws r29 ami-29 and 5 more; tell them apart by region=…"),
        "{several}"
    );
}

#[tokio::test]
async fn what_is_not_there_is_told_in_as_many_words() {
    let (server, admin) = fleet().await;
    admin.channel("base", "empty", "").await;
    let viewer = server.viewer().await;
    assert_snapshot!(resolve(&admin, "none", &[]).await, @"404/5 bucket base has no channel none; there are empty, latest, prod");
    assert_snapshot!(resolve(&viewer, "none", &[]).await, @"404/5 bucket base has no channel none; there are empty, prod");
    assert_snapshot!(resolve(&viewer, "latest", &[]).await, @"403/7 permission denied: to see a restricted channel takes the role contributor, the caller has viewer; an admin can grant it");
    assert_snapshot!(shown(&get(&viewer, "/api/v1/resolve/base/empty").await), @r#"
    404
    {
      "code": 5,
      "details": [
        {
          "@type": "touchmark/resolve-miss",
          "available": [],
          "last": null,
          "version": null
        }
      ],
      "message": "channel empty of bucket base holds no version"
    }
    "#);
    let place = ("none", "prod");
    let missed = viewer.own().resolve(place, &query(&[])).await;
    assert_snapshot!(refusal(missed), @"404/5 project default has no bucket none");
    let body = masked("restricted", "", true);
    for channel in ["prod", "empty"] {
        let restricted = admin.update_channel("base", channel, &body);
        restricted.await.expect("a change");
    }
    assert_snapshot!(resolve(&viewer, "none", &[]).await, @"404/5 bucket base has no channel none; there is none that the caller may see");
    assert_eq!(
        resolve(&admin, "prod", &[("platform", "azure")]).await,
        "image-1"
    );
    let refused = resolve(&viewer, "prod", &[("platform", "azure")]).await;
    assert!(refused.starts_with("403/7"), "{refused}");
}

#[tokio::test]
async fn a_moment_is_answered_from_the_history() {
    let (server, admin) = fleet().await;
    let now = || Timestamp::from(server.clock.now()).to_string();
    let before = Timestamp::from_micros(server.clock.now().micros() - 1_000_000).to_string();
    server.advance(Duration::from_mins(1));
    let first = now();
    server.advance(Duration::from_mins(1));
    admin.assign("base", "prod", "two").await;
    let second = now();
    server.advance(Duration::from_mins(1));
    admin.assign("base", "prod", "").await;
    server.advance(Duration::from_mins(1));
    let third = now();
    let asked = async |moment: &str| {
        let pairs = [("region", "us-east-1"), ("at", moment)];
        resolve(&admin, "prod", &pairs).await
    };
    assert_eq!(asked(&first).await, "ami-1us");
    assert_eq!(asked(&second).await, "ami-2us");
    assert_snapshot!(asked(&third).await, @"404/5 channel prod of bucket base held no version at <time>");
    assert_snapshot!(asked(&before).await, @"404/5 channel prod of bucket base held no version at <time>");
    let offset = first.replace('Z', "+00:00");
    assert_eq!(asked(&offset).await, "ami-1us");
    let then = query(&[("platform", "azure"), ("at", &first)]);
    let found = admin.own().resolve(("base", "prod"), &then).await;
    let found = found.expect("an artifact");
    assert_eq!(found.at, Timestamp::parse(&first).ok());
    admin
        .delete_version("base", "one")
        .await
        .expect("a deletion");
    assert_snapshot!(asked(&first).await, @"404/5 channel prod of bucket base held version v1 (one) at <time>, which has been deleted");
}

#[tokio::test]
async fn a_revoked_version_is_refused_unless_it_will_do() {
    let (server, admin) = fleet().await;
    server.advance(Duration::from_mins(1));
    let valid = Timestamp::from(server.clock.now()).to_string();
    server.advance(Duration::from_mins(1));
    let mut body = revoke_in("0s");
    body.revocation_message = "leaks keys".to_owned();
    body.disable_rollback_channels = true;
    admin.decide("base", "one", &body).await;
    let path = "/api/v1/resolve/base/prod?platform=azure";
    assert_snapshot!(shown(&get(&admin, path).await), @r#"
    400
    {
      "code": 9,
      "details": [
        {
          "@type": "touchmark/resolve-revoked",
          "author": "admin",
          "message": "leaks keys",
          "revoke_at": "<time>",
          "version": {
            "fingerprint": "one",
            "name": "v1"
          }
        }
      ],
      "message": "channel prod of bucket base holds version v1 (one), which admin revoked as of <time>; the reason: leaks keys; allow_revoked=true gives it all the same"
    }
    "#);
    let allowed = [("platform", "azure"), ("allow_revoked", "true")];
    assert_eq!(resolve(&admin, "prod", &allowed).await, "image-1");
    let found = admin
        .own()
        .resolve(("base", "prod"), &query(&allowed))
        .await;
    let version = found.expect("an artifact").version;
    assert_eq!(version.status.to_string(), "VERSION_REVOKED");
    assert!(version.revoke_at.is_some());
    let then = [("platform", "azure"), ("at", valid.as_str())];
    assert_eq!(resolve(&admin, "prod", &then).await, "image-1");
    let now = Timestamp::from(server.clock.now()).to_string();
    let refused = resolve(&admin, "prod", &[("platform", "azure"), ("at", &now)]).await;
    assert!(
        refused.starts_with("400/9 channel prod of bucket base held version v1"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_inherited_revocation_names_its_source() {
    let (_server, admin) = fleet().await;
    let parent = admin.look("base", "one").await;
    admin.bucket("app").await;
    admin.child("app", "child", &parent, "").await;
    admin.channel("app", "prod", "child").await;
    let mut body = revoke_in("0s");
    body.disable_rollback_channels = true;
    admin.decide("base", "one", &body).await;
    let refused = admin.own().resolve(("app", "prod"), &query(&[])).await;
    assert_snapshot!(refusal(refused), @"400/9 channel prod of bucket app holds version v1 (child), which is revoked as of <time> because admin revoked v1 of bucket base; no reason was given; allow_revoked=true gives it all the same");
}
