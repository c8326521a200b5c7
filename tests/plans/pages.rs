//! Opens the pages that ask for something that no operation of the API asks for.

use touchmark_registry::domain::role::Role;
use touchmark_tests::TestServer;

use crate::visit::Visitor;

/// Pages below a project; `f000` and more may be the beginning of a fingerprint, `0a1b2c3` that of a commit.
const PAGES: &[&str] = &[
    "/search?q=base",
    "/search?q=base:stable",
    "/search?q=base+v1",
    "/search?q=base+v1&in=versions",
    "/search?q=f0",
    "/search?q=f000000",
    "/search?q=0a1b2c3",
    "/search?q=zlib",
    "/activity",
    "/activity?actor=admin&action=channel.assigned&since=2026-01-01&until=2026-12-31",
    "/activity?bucket=base&version=v1",
    "/activity?channel=stable",
    "/activity?format=csv",
    "/buckets/base/activity",
    "/buckets/base/activity?channel=stable",
    "/buckets/base/ancestry",
    "/buckets/child/ancestry",
];

/// Who sees everything, and who does not.
pub(crate) async fn prepare(server: &TestServer) -> [Visitor; 2] {
    [
        Visitor::new(server, "ada", Role::Admin).await,
        Visitor::new(server, "vic", Role::Viewer).await,
    ]
}

pub(crate) async fn everything(visitors: &[Visitor]) {
    for visitor in visitors {
        for path in PAGES {
            let seen = visitor.see(path).await;
            assert_eq!(seen.status, 200, "{path}: {}", seen.body);
            let next = seen.body.split("rel=\"next\" href=\"").nth(1);
            if let Some(next) = next.and_then(|rest| rest.split('"').next()) {
                let next = visitor.ask(&next.replace("&#38;", "&"), &[]).await;
                assert_eq!(next.status, 200, "{path}: {}", next.body);
            }
        }
    }
}
