//! The IAM policy of a bucket: what is read and written. What it does: `policy_effects`.

use serde_json::json;
use touchmark_client::Method;
use touchmark_tests::{
    Client, Story, TestServer, refusal,
    wire::{
        paths,
        policy::{MemberType, Policy},
    },
};

use crate::kit::{binding, bucket_resource, expect_events, policy, service_principal};

pub(crate) async fn see(client: &Client, name: &str) -> Policy {
    let answer = client.get_iam_policy(name).await.expect("a policy");
    answer.policy.expect("the policy")
}

pub(crate) async fn write(client: &Client, name: &str, policy: Policy) -> Policy {
    let answer = client.set_iam_policy(name, policy).await;
    answer.expect("a new policy").policy.expect("the policy")
}

/// The bucket `alpine`, its resource name, and the ids of principals `one` and `two`.
pub(crate) async fn alpine(server: &TestServer) -> (String, String, String) {
    let admin = server.admin();
    admin.bucket("alpine").await;
    let parent = format!("project/{}", server.project.id);
    let one = service_principal(&admin, &parent, "one").await;
    let two = service_principal(&admin, &parent, "two").await;
    (bucket_resource(server, "alpine"), one, two)
}

#[tokio::test]
async fn a_bucket_begins_with_an_empty_policy() {
    let server = TestServer::start().await;
    let (name, ..) = alpine(&server).await;
    let found = see(&server.admin(), &name).await;
    assert_eq!(found.bindings, []);
    assert!(!found.etag.is_empty());
}

#[tokio::test]
async fn what_is_written_is_read_back_as_it_was_with_a_new_etag() {
    let server = TestServer::start().await;
    let (name, one, two) = alpine(&server).await;
    let admin = server.admin();
    let before = see(&admin, &name).await.etag;
    let mut bindings = vec![
        binding("roles/contributor", &[&two, &one]),
        binding("roles/viewer", &[&one, &one]),
        binding("roles/admin", &[]),
        binding("roles/viewer", &[&two]),
    ];
    bindings[3].members[0].member_type = MemberType::Unset;
    let set = write(&admin, &name, policy(bindings.clone())).await;
    assert_eq!(set.bindings, bindings);
    assert_eq!(see(&admin, &name).await, set);
    let again = write(&admin, &name, set.clone()).await;
    assert_eq!(again.bindings, bindings);
    let etags = [before, set.etag, again.etag];
    assert!(
        etags[0] != etags[1] && etags[1] != etags[2] && etags[0] != etags[2],
        "{etags:?}"
    );
    expect_events(&server, "policy.set", 2);
}

#[tokio::test]
async fn a_policy_that_changed_meanwhile_is_not_overwritten() {
    let server = TestServer::start().await;
    let (name, one, two) = alpine(&server).await;
    let admin = server.admin();
    let first = see(&admin, &name).await;
    let ours = Policy {
        bindings: vec![binding("roles/admin", &[&one])],
        ..first.clone()
    };
    let ours = write(&admin, &name, ours).await;
    let theirs = Policy {
        bindings: vec![binding("roles/admin", &[&two])],
        ..first
    };
    let answer = refusal(admin.set_iam_policy(&name, theirs.clone()).await);
    assert!(
        answer.starts_with("409/10") && answer.contains("read it again"),
        "{answer}"
    );
    let forged = Policy {
        etag: "x".repeat(10_000),
        ..theirs.clone()
    };
    assert!(refusal(admin.set_iam_policy(&name, forged).await).starts_with("409/10"));
    assert_eq!(see(&admin, &name).await, ours);
    let unconditional = policy(theirs.bindings);
    let now = write(&admin, &name, unconditional.clone()).await;
    assert_eq!(now.bindings, unconditional.bindings);
    expect_events(&server, "policy.set", 2);
}

#[tokio::test]
async fn of_two_writers_at_once_one_is_refused() {
    let server = TestServer::start().await;
    let (name, one, two) = alpine(&server).await;
    let admin = server.admin();
    let etag = see(&admin, &name).await.etag;
    let ours = |id: &str| Policy {
        bindings: vec![binding("roles/viewer", &[id])],
        etag: etag.clone(),
    };
    let (first, second) = tokio::join!(
        admin.set_iam_policy(&name, ours(&one)),
        admin.set_iam_policy(&name, ours(&two)),
    );
    let (good, bad): (Vec<_>, Vec<_>) = [first, second].into_iter().partition(Result::is_ok);
    assert_eq!((good.len(), bad.len()), (1, 1));
    for answer in bad {
        assert!(refusal(answer).starts_with("409/10"));
    }
    for answer in good {
        assert_eq!(see(&admin, &name).await, answer.unwrap().policy.unwrap());
    }
}

#[tokio::test]
async fn null_bindings_empty_a_policy() {
    let server = TestServer::start().await;
    let (name, one, _) = alpine(&server).await;
    let admin = server.admin();
    let set = write(&admin, &name, policy(vec![binding("roles/admin", &[&one])])).await;
    let body = json!({"resource_name": name,
        "policy": {"bindings": null, "etag": set.etag}});
    let answer = admin
        .send(Method::PUT, paths::IAM_POLICY, Some(&body))
        .await;
    assert_eq!(answer.unwrap().status, 200);
    let now = see(&admin, &name).await;
    assert_eq!(now.bindings, []);
    assert_ne!(now.etag, set.etag);
}

#[tokio::test]
async fn a_policy_goes_with_its_bucket() {
    let server = TestServer::start().await;
    let (name, one, _) = alpine(&server).await;
    let admin = server.admin();
    let set = write(&admin, &name, policy(vec![binding("roles/admin", &[&one])])).await;
    admin.delete_bucket("alpine").await.unwrap();
    assert!(refusal(admin.get_iam_policy(&name).await).starts_with("404/5"));
    server.execute(
        "CREATE TEMP TABLE none (n INTEGER NOT NULL CHECK (n = 0));
         INSERT INTO none SELECT count(*) FROM role_bindings WHERE scope = 'bucket';
         INSERT INTO none SELECT count(*) FROM iam_policies;",
    );
    admin.bucket("alpine").await;
    let now = see(&admin, &name).await;
    assert_eq!(now.bindings, []);
    assert_ne!(now.etag, set.etag);
}

#[tokio::test]
async fn a_deleted_principal_is_left_out_of_policies() {
    let server = TestServer::start().await;
    let (name, one, two) = alpine(&server).await;
    let admin = server.admin();
    let bindings = vec![
        binding("roles/admin", &[&one]),
        binding("roles/viewer", &[&one, &two]),
    ];
    let set = write(&admin, &name, policy(bindings)).await;
    let gone = format!("iam/project/{}/service-principal/one", server.project.id);
    admin.delete_service_principal(&gone).await.unwrap();
    let now = see(&admin, &name).await;
    assert_eq!(now.bindings, [binding("roles/viewer", &[&two])]);
    // What others read before and write back is refused for naming it, and what they read now is not.
    let answer = refusal(admin.set_iam_policy(&name, set).await);
    assert!(answer.starts_with("400/3 body.policy.bindings"), "{answer}");
    write(&admin, &name, now).await;
}

/// What Terraform's resources of policies do from their creation to their end.
#[tokio::test]
async fn terraform_makes_changes_and_takes_away_a_policy() {
    let server = TestServer::start().await;
    let (name, one, _) = alpine(&server).await;
    let admin = server.admin();
    let organization = &server.project.organization_id;
    let mut etag = see(&admin, &name).await.etag;
    for role in ["roles/contributor", "roles/admin"] {
        let ids = [one.clone()];
        let found = admin.batch_get_principals(organization, &ids).await;
        assert_eq!(found.unwrap().principals.len(), 1);
        let wanted = Policy {
            bindings: vec![binding(role, &[&one])],
            etag: etag.clone(),
        };
        let set = write(&admin, &name, wanted.clone()).await;
        assert_eq!(set.bindings, wanted.bindings);
        assert_eq!(see(&admin, &name).await, set);
        etag = set.etag;
    }
    let last = Policy {
        bindings: vec![],
        etag,
    };
    write(&admin, &name, last).await;
    write(&admin, &name, policy(vec![binding("roles/admin", &[&one])])).await;
    admin.delete_bucket("alpine").await.unwrap();
}
