//! What counts as outdated: said for a project, a bucket and a channel, and what the board makes of it.

use touchmark_tests::{
    Client, Story as _, TestServer, invariants,
    wire::own::{SetBucketFreshnessBody, SetChannelFreshnessBody, SetProjectFreshnessBody},
};

use crate::{
    board::{DAY, told},
    kit::{expect_events, later},
};

const DAY_SECONDS: i64 = 86_400;

async fn of_project(client: &Client, grace: Option<i64>, age_limit: Option<i64>) {
    let body = SetProjectFreshnessBody {
        grace_seconds: grace,
        age_limit_seconds: age_limit,
    };
    let answer = client.own().set_freshness("", &body).await;
    answer.expect("a rule");
}

async fn of_bucket(client: &Client, age_limit: Option<i64>) {
    let body = SetBucketFreshnessBody {
        age_limit_seconds: age_limit,
    };
    let answer = client.own().set_bucket_freshness("", "app", &body).await;
    answer.expect("a rule");
}

async fn of_channel(client: &Client, may_lag: bool) {
    let body = SetChannelFreshnessBody {
        may_lag: Some(may_lag),
    };
    let channel = ("app", "prod");
    let answer = client.own().set_channel_freshness("", channel, &body).await;
    answer.expect("a rule");
}

#[tokio::test]
async fn a_channel_lags_when_the_first_newer_version_is_older_than_the_grace_time() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    admin.complete("app", "one").await;
    admin.channel("app", "prod", "one").await;
    admin.complete("app", "two").await;
    let admin = later(&server, DAY * 6);
    admin.complete("app", "three").await;
    assert_eq!(told(&admin).await, "calm app\n");
    let admin = later(&server, DAY);
    let lags = |count: &str, newest: &str| {
        format!("behind app\n  behind channel_lags: prod gives v1, {count} behind {newest}\n")
    };
    assert_eq!(told(&admin).await, lags("2 versions", "v3"));
    of_project(&admin, Some(8 * DAY_SECONDS), None).await;
    assert_eq!(told(&admin).await, "calm app\n");
    of_project(&admin, None, None).await;
    assert_eq!(told(&admin).await, lags("2 versions", "v3"));
    of_channel(&admin, true).await;
    assert_eq!(told(&admin).await, "calm app\n");
    of_channel(&admin, false).await;
    let revoke = crate::kit::revoke_in("30d");
    crate::kit::Steps::decide(&admin, "app", "three", &revoke).await;
    let text = told(&admin).await;
    assert!(
        text.contains("prod gives v1, 1 version behind v2"),
        "{text}"
    );
    admin.assign("app", "prod", "two").await;
    let text = told(&admin).await;
    assert!(!text.contains("prod"), "{text}");
}

#[tokio::test]
async fn a_version_is_too_old_by_the_limit_of_its_bucket_or_project() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    admin.complete("app", "one").await;
    admin.channel("app", "prod", "one").await;
    of_project(&admin, None, Some(2 * DAY_SECONDS)).await;
    assert_eq!(told(&admin).await, "calm app\n");
    let admin = later(&server, DAY * 2);
    let old = |what: &str, limit: &str| {
        format!("behind app\n  behind too_old: {what} older than {limit}\n")
    };
    let newest = "the newest version, v1, is";
    assert_eq!(told(&admin).await, old(newest, "2 days"));
    of_bucket(&admin, Some(0)).await;
    assert_eq!(told(&admin).await, "calm app\n");
    of_bucket(&admin, Some(DAY_SECONDS)).await;
    assert_eq!(told(&admin).await, old(newest, "1 day"));
    of_bucket(&admin, None).await;
    assert_eq!(told(&admin).await, old(newest, "2 days"));
    admin.complete("app", "two").await;
    assert_eq!(told(&admin).await, old("prod gives v1,", "2 days"));
    of_project(&admin, None, Some(0)).await;
    assert_eq!(told(&admin).await, "calm app\n");
}

#[tokio::test]
async fn rules_are_shown_noted_once_and_go_with_what_they_are_about() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    admin.channel("app", "prod", "").await;
    let own = admin.own();
    let unsaid = own.freshness("").await.expect("rules");
    assert_eq!(unsaid.default_grace_seconds, 7 * DAY_SECONDS);
    assert_eq!((unsaid.grace_seconds, unsaid.updated_at), (None, None));
    for _ in 0..2 {
        of_project(&admin, Some(60), Some(120)).await;
        of_bucket(&admin, Some(30)).await;
        of_channel(&admin, true).await;
    }
    expect_events(&server, "freshness.set", 3);
    let said = own.freshness("").await.expect("rules");
    assert_eq!(said.grace_seconds, Some(60));
    assert_eq!(said.age_limit_seconds, Some(120));
    let said = own.bucket_freshness("", "app").await.expect("a rule");
    assert_eq!(said.age_limit_seconds, Some(30));
    let channel = ("app", "prod");
    let said = own.channel_freshness("", channel).await.expect("a rule");
    assert!(said.may_lag);
    admin.delete_channel("app", "prod").await.expect("a delete");
    admin.channel("app", "prod", "").await;
    let said = own.channel_freshness("", channel).await.expect("a rule");
    assert!(!said.may_lag && said.updated_at.is_none());
    admin.delete_bucket("app").await.expect("a delete");
    admin.bucket("app").await;
    let said = own.bucket_freshness("", "app").await.expect("a rule");
    assert_eq!(said.updated_at, None);
    let found = invariants::findings(&server.state.store, server.clock.now()).await;
    assert!(found.is_empty(), "{found:?}");
}
