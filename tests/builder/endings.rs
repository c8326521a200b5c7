//! Builds that fail, that are given up, and that go on where an earlier run stopped.

use touchmark_tests::TestServer;

use crate::workshop::{Workshop, built, ended, is_there, told, until, version};

const TEMPLATE: &str = r#"
source "file" "one" {}
source "file" "two" {}
build {
  name    = "golden"
  sources = ["source.file.one", "source.file.two"]
}
"#;

const BUILD: [&str; 6] = ["build", "--bucket", "b", "--fingerprint", "f1", "t.pkr.hcl"];

fn one() -> String {
    built(
        "golden.file.one",
        &[("packer.file", "File", &["out/one.txt"])],
    )
}

#[tokio::test]
async fn a_failed_build_is_recorded_as_such_and_a_second_run_makes_up_for_it() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write("t.pkr.hcl", TEMPLATE);
    let failed = "printf '%s\\n' \"1,,ui,error,Build 'golden.file.two' errored after 1 second: no space left\"\nexit 1\n";
    workshop.scenario(&(one() + failed));
    let first = workshop.run(&BUILD).await;
    assert_eq!(first.code, Some(1), "{}", first.stderr);
    assert!(
        first.stderr.contains("file.two failed: no space left"),
        "{}",
        first.stderr
    );
    assert!(
        first
            .stderr
            .ends_with("touchmark: Packer failed with exit code 1\n"),
        "{}",
        first.stderr
    );
    let admin = server.admin();
    insta::assert_snapshot!(told(&version(&admin, "b", "f1").await), @r#"
    v0 VERSION_FAILED
    file.one BUILD_DONE packer.file: out=one.txt
    file.two BUILD_FAILED :
    "#);
    assert!(workshop.journals().is_empty());

    workshop.scenario(&built(
        "golden.file.two",
        &[("packer.file", "File", &["out/two.txt"])],
    ));
    let second = workshop.run(&BUILD).await;
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    insta::assert_snapshot!(told(&version(&admin, "b", "f1").await), @r#"
    v1 VERSION_ACTIVE
    file.one BUILD_DONE packer.file: out=one.txt
    file.two BUILD_DONE packer.file: out=two.txt
    "#);
    insta::assert_snapshot!(workshop.called(), @r#"
    build -machine-readable t.pkr.hcl
    build -machine-readable -except=golden.file.one,file.one t.pkr.hcl
    "#);

    let third = workshop.run(&BUILD).await;
    insta::assert_snapshot!(third.stderr, @r#"
    Recording with touchmark: bucket b, fingerprint f1, Packer 1.6.6
    touchmark: fingerprint f1 of bucket b is complete: it is version v1
      give another one with --fingerprint, or none for a new one
    "#);
    assert_eq!(third.code, Some(6));
    assert_eq!(
        workshop.called().lines().count(),
        2,
        "Packer is not started for nothing"
    );
    assert!(workshop.journals().is_empty());
}

#[tokio::test]
async fn the_exit_code_of_packer_is_passed_on() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop.scenario("echo 'Error: no plugin' >&2\nexit 3\n");
    let ended = workshop.run(&BUILD).await;
    assert_eq!(ended.code, Some(3));
    assert!(
        ended.stderr.contains("Error: no plugin\n"),
        "{}",
        ended.stderr
    );
}

#[tokio::test]
async fn a_build_without_an_artifact_has_failed() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop.scenario(&(one() + &built("golden.file.two", &[])));
    let ended = workshop.run(&BUILD).await;
    assert_eq!(ended.code, Some(1));
    assert!(
        ended
            .stderr
            .ends_with("touchmark: file.two left no artifact behind\n"),
        "{}",
        ended.stderr
    );
    insta::assert_snapshot!(told(&version(&server.admin(), "b", "f1").await), @r#"
    v0 VERSION_FAILED
    file.one BUILD_DONE packer.file: out=one.txt
    file.two BUILD_FAILED :
    "#);
}

#[tokio::test]
async fn an_interrupted_build_is_cancelled() {
    let server = TestServer::start().await;
    let mut workshop = Workshop::of(&server).await;
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop.set("INTERRUPTED", "touch cleaned-up; exit 1");
    workshop.scenario(
        "printf '%s\\n' '1,,ui,say,==> golden.file.one: Building'\ntouch begun\nawait never\n",
    );
    let process = workshop.start(&BUILD);
    until(async || is_there(&workshop.path("begun"))).await;
    process.signal("INT");
    let ended = ended(process).await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    assert!(is_there(&workshop.path("cleaned-up")));
    insta::assert_snapshot!(told(&version(&server.admin(), "b", "f1").await), @r#"
    v0 VERSION_CANCELLED
    file.one BUILD_CANCELLED :
    file.two BUILD_UNSET :
    "#);
    assert!(workshop.journals().is_empty());
}

#[tokio::test]
async fn a_second_interrupt_ends_it_at_once_and_the_journal_says_the_rest_later() {
    let server = TestServer::start().await;
    let mut workshop = Workshop::of(&server).await;
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop.set("INTERRUPTED", "touch cleaning-up; await never");
    workshop.scenario(
        "printf '%s\\n' '1,,ui,say,==> golden.file.one: Building'\ntouch begun\nawait never\n",
    );
    let process = workshop.start(&BUILD);
    until(async || is_there(&workshop.path("begun"))).await;
    process.signal("INT");
    until(async || is_there(&workshop.path("cleaning-up"))).await;
    process.signal("INT");
    let ended = ended(process).await;
    assert_eq!(ended.code, Some(130), "{}", ended.stderr);
    let resumed = workshop.run(&["push", "--resume"]).await;
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    insta::assert_snapshot!(told(&version(&server.admin(), "b", "f1").await), @r#"
    v0 VERSION_CANCELLED
    file.one BUILD_CANCELLED :
    file.two BUILD_UNSET :
    "#);
    assert!(workshop.journals().is_empty());
}

#[tokio::test]
async fn a_registry_that_refuses_stops_the_build_before_it_begins() {
    let server = TestServer::start().await;
    let mut workshop = Workshop::of(&server).await;
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop.set("TOUCHMARK_CLIENT_SECRET", "wrong");
    let ended = workshop.run(&BUILD).await;
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    assert_eq!(workshop.called(), "");
    assert!(workshop.journals().is_empty());
}

#[tokio::test]
async fn a_dry_run_starts_nothing() {
    let server = TestServer::start().await;
    let workshop = Workshop::of(&server).await;
    workshop.write("t.pkr.hcl", TEMPLATE);
    let mut build = BUILD.to_vec();
    build.insert(1, "--dry-run");
    let ended = workshop.run(&build).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    insta::assert_snapshot!(ended.stdout.replace(env!("CARGO_MANIFEST_DIR"), "<tests>"), @r#"
    Bucket:       b
    Fingerprint:  f1
    Builds:       file.one, file.two
    Packer:       <tests>/builder/stand-in.sh build t.pkr.hcl
    Recorded:     by touchmark
    "#);
    assert_eq!(workshop.called(), "");
    assert!(workshop.journals().is_empty());
    let missing = server.admin().get_bucket("b").await;
    missing.expect_err("nothing was recorded");
}
