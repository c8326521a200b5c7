//! The registry is away, now and then or all the time: no build is lost, and none is recorded twice.

use touchmark_tests::{Machine, Process};

use crate::workshop::{Workshop, built, ended, is_there, told, until, version};

const TEMPLATE: &str = r#"
source "file" "one" {}
source "file" "two" {}
build {
  sources = ["source.file.one", "source.file.two"]
}
"#;

const BUILD: [&str; 6] = ["build", "--bucket", "b", "--fingerprint", "f1", "t.pkr.hcl"];

fn both() -> String {
    built("file.one", &[("packer.file", "File", &["out/one.txt"])])
        + &built("file.two", &[("packer.file", "File", &["out/two.txt"])])
}

/// Ends a server without a word.
async fn kill(server: Process) -> String {
    let address = format!("127.0.0.1:{}", server.port());
    server.signal("KILL");
    ended(server).await;
    address
}

#[tokio::test]
async fn a_build_without_a_registry_is_recorded_later_and_once() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let mut workshop = Workshop::on(&machine, &server.url);
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop.scenario(&both());
    let address = kill(server).await;
    let arguments = [&BUILD[..5], &["--channel", "dev", "t.pkr.hcl"]].concat();
    let away = workshop.run(&arguments).await;
    assert_eq!(away.code, Some(8), "{}", away.stderr);
    assert!(
        away.stderr
            .contains("the build goes on and is recorded later"),
        "{}",
        away.stderr
    );
    assert!(
        away.stderr
            .contains("touchmark: built, but not recorded: localhost:"),
        "{}",
        away.stderr
    );
    let [journal] = workshop.journals().try_into().expect("one journal");
    let text = std::fs::read_to_string(&journal).expect("a journal");
    assert!(!text.contains("tms_"), "no secrets: {text}");

    let still = workshop.run(&["push", "--resume"]).await;
    assert_eq!(still.code, Some(8), "{}", still.stderr);
    assert!(is_there(&journal));

    let server = machine.serve_at(&address, &[]);
    // What belongs to another address stays.
    let other = workshop
        .run(&["push", "--resume", "--url", "https://localhost:1"])
        .await;
    assert_eq!(other.code, Some(8));
    assert!(
        other
            .stderr
            .contains(&format!("it belongs to {}", server.url)),
        "{}",
        other.stderr
    );

    let resumed = workshop
        .run(&["push", "--resume", "--json=state,problem"])
        .await;
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    insta::assert_snapshot!(resumed.stdout, @r#"
    [
      {
        "problem": "recorded, but channel dev was not assigned: channel with identifier dev does not exist",
        "state": "recorded"
      }
    ]
    "#);
    insta::assert_snapshot!(told(&version(&machine.admin(), "b", "f1").await), @r#"
    v1 VERSION_ACTIVE
    file.one BUILD_DONE packer.file: out=one.txt
    file.two BUILD_DONE packer.file: out=two.txt
    "#);
    assert!(workshop.journals().is_empty());
    workshop.set("NO_COLOR", "1");
    let again = workshop.run(&["push", "--resume"]).await;
    assert_eq!(again.stdout, "Everything is recorded already.\n");
}

#[tokio::test]
async fn a_registry_that_is_killed_twice_in_a_build_hears_everything_once() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let workshop = Workshop::on(&machine, &server.url);
    workshop.write("t.pkr.hcl", TEMPLATE);
    let building = |target: &str| format!("printf '%s\\n' '1,,ui,say,==> {target}: Building'\n");
    let scenario = [
        building("file.one"),
        "touch first\nawait second\n".to_owned(),
        building("file.two"),
        "touch third\nawait fourth\n".to_owned(),
        both(),
    ];
    workshop.scenario(&scenario.concat());
    let build = workshop.start(&BUILD);
    until(async || is_there(&workshop.path("first"))).await;
    let address = kill(server).await;
    workshop.write("second", "");
    until(async || is_there(&workshop.path("third"))).await;
    let server = machine.serve_at(&address, &[]);
    kill(server).await;
    workshop.write("fourth", "");
    let result = ended(build).await;
    assert_eq!(result.code, Some(8), "{}", result.stderr);

    let server = machine.serve_at(&address, &[]);
    let resumed = workshop.run(&["push", "--resume"]).await;
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    insta::assert_snapshot!(told(&version(&machine.admin(), "b", "f1").await), @r#"
    v1 VERSION_ACTIVE
    file.one BUILD_DONE packer.file: out=one.txt
    file.two BUILD_DONE packer.file: out=two.txt
    "#);
    let checked = machine.run("touchmark-registry", &["check"]);
    assert_eq!(checked.code, Some(0), "{}", checked.stdout);
    drop(server);
}

#[tokio::test]
async fn a_registry_that_comes_back_in_time_hears_everything_from_the_build_itself() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let workshop = Workshop::on(&machine, &server.url);
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop.scenario(&("touch first\nawait second\n".to_owned() + &both()));
    let build = workshop.start(&BUILD);
    until(async || is_there(&workshop.path("first"))).await;
    let address = kill(server).await;
    let server = machine.serve_at(&address, &[]);
    workshop.write("second", "");
    let result = ended(build).await;
    assert_eq!(result.code, Some(0), "{}", result.stderr);
    insta::assert_snapshot!(result.stdout, @r#"
    b v1, fingerprint f1

    BUILD     PLATFORM     REGION  ID
    file.one  packer.file  out     one.txt
    file.two  packer.file  out     two.txt
    "#);
    assert!(workshop.journals().is_empty());
    drop(server);
}

#[tokio::test]
async fn a_journal_whose_process_was_killed_is_sent_with_its_builds_cancelled() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let workshop = Workshop::on(&machine, &server.url);
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop
        .scenario("printf '%s\\n' '1,,ui,say,==> file.one: Building'\ntouch begun\nawait end\n");
    let build = workshop.start(&BUILD);
    until(async || is_there(&workshop.path("begun"))).await;
    let busy = workshop.run(&["push", "--resume", "--json=state"]).await;
    assert!(busy.stdout.contains("in use"), "{}", busy.stdout);
    build.signal("KILL");
    ended(build).await;
    // Nobody else would end it.
    workshop.write("end", "");
    let resumed = workshop.run(&["push", "--resume"]).await;
    assert_eq!(resumed.code, Some(0), "{}", resumed.stderr);
    insta::assert_snapshot!(told(&version(&machine.admin(), "b", "f1").await), @r#"
    v0 VERSION_CANCELLED
    file.one BUILD_CANCELLED :
    file.two BUILD_UNSET :
    "#);
    drop(server);
}
