//! Signs of life: a build that goes on stays so, however long it takes.

use std::time::Duration;

use touchmark_tests::{Process, TestServer, wire::build::BuildStatus};

use crate::workshop::{Workshop, ended, is_there, until, version};

/// Less than the time after which the registry gives a silent build up, and more than half of it.
const WHILE: Duration = Duration::from_mins(14);

/// Waits until the process has told the registry something from now on.
async fn beaten(build: &Process) {
    let told = || build.stderr().matches("PATCH ").count();
    let before = told();
    // The first of them may have been on its way already.
    until(async || told() > before + 1).await;
}

#[tokio::test]
async fn a_build_that_goes_on_is_not_given_up() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write(
        "t.pkr.hcl",
        "source \"file\" \"one\" {}\nbuild { sources = [\"source.file.one\"] }\n",
    );
    workshop
        .scenario("printf '%s\\n' '1,,ui,say,==> file.one: Building'\ntouch begun\nawait end\n");
    let build = [
        "build",
        "--debug",
        "--heartbeat",
        "1",
        "--bucket",
        "b",
        "--fingerprint",
        "f1",
        "t.pkr.hcl",
    ];
    let build = workshop.start(&build);
    until(async || is_there(&workshop.path("begun"))).await;
    let admin = server.admin();
    let status = async || version(&admin, "b", "f1").await.builds[0].status;
    until(async || status().await == BuildStatus::Running).await;
    for _ in 0..2 {
        server.advance(WHILE);
        beaten(&build).await;
        server.run_jobs().await;
        assert_eq!(status().await, BuildStatus::Running);
    }
    build.signal("KILL");
    ended(build).await;
    // Nobody else would end it.
    workshop.write("end", "");
    server.advance(WHILE);
    server.run_jobs().await;
    server.advance(WHILE);
    server.run_jobs().await;
    assert_eq!(status().await, BuildStatus::Cancelled);
}
