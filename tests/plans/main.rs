//! How the database answers: every statement of every read, of a push and of a revocation is shown to the
//! planner, which must find an index for it. A statement that reads a whole table, or sorts a whole bucket,
//! gets slower as the registry grows.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a helper of tests that cannot go on has failed"
)]

mod explain;
mod listen;
mod pages;
mod push;
mod version_pages;
#[path = "../web/visit.rs"]
#[expect(dead_code, reason = "what tests of pages look at")]
mod visit;
mod walk;

use touchmark_tests::TestServer;

/// Parts of statements that may scan or sort, each with the reason.
const ALLOWED: &[(&str, &str)] = &[
    ("1=0", "nothing was asked for, and nothing is read"),
    (
        "ORDER BY [artifacts].[build_id], [artifacts].[position]",
        "what belongs to the versions of one page",
    ),
    (
        "[channels].[version_id] = _",
        "the channels that hold one version",
    ),
    ("FROM [principal_secrets]", "a principal has at most two"),
    (
        "FROM [projects]",
        "the projects of one organization, which are few",
    ),
    (
        "FROM [role_bindings]",
        "the roles of the principals of one page",
    ),
    (
        "INNER JOIN [versions] AS [newer]",
        "what is ahead of the channels of some buckets, grouped by channel",
    ),
    (
        "[enforced_block_links] INNER JOIN",
        "the blocks of one bucket, which are few",
    ),
    (
        "[sbom_packages]",
        "packages are gathered from the documents of a place, then sorted",
    ),
    ("FROM sboms JOIN builds", "the same"),
    (
        "[versions].[number] IS NULL",
        "the incomplete versions of one bucket, which are few",
    ),
    (
        "ORDER BY [revocations].[revoke_at], [revocations].[version_id]",
        "what is due and not settled yet",
    ),
];

#[tokio::test]
async fn every_statement_finds_an_index() {
    listen::begin();
    let server = TestServer::start().await;
    walk::prepare(&server).await;
    let visitors = pages::prepare(&server).await;
    let reader = version_pages::visitor(&server).await;
    listen::forget();
    pages::everything(&visitors).await;
    version_pages::walk(&server, &reader).await;
    walk::everything(&server).await;
    let statements = listen::heard();
    push::takes_few_statements(&server).await;
    assert!(
        statements.len() > 40,
        "hardly anything was heard: {statements:#?}"
    );
    let mut explainer = explain::Explainer::new(&server);
    let mut bad = Vec::new();
    for statement in &statements {
        let plain = explain::plain(statement);
        if ALLOWED.iter().any(|(part, _)| plain.contains(part)) {
            continue;
        }
        let steps = explainer.plan(statement);
        let faults: Vec<&String> = steps
            .iter()
            .filter(|line| explain::is_slow(line) || explain::is_wide(statement, line))
            .collect();
        if !faults.is_empty() {
            bad.push(format!("{statement}\n    {faults:?}\n    of {steps:#?}"));
        }
    }
    assert!(
        bad.is_empty(),
        "{} of {}:\n{}",
        bad.len(),
        statements.len(),
        bad.join("\n")
    );
}
