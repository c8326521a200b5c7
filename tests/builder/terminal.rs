//! What is shown while a build goes on: to programs, and at a terminal.

use std::process::Command;

use touchmark_tests::{Process, TestServer};

use crate::workshop::{Workshop, built, ended};

const TEMPLATE: &str = "source \"file\" \"one\" {}\nbuild { sources = [\"source.file.one\"] }\n";

async fn workshop(server: &TestServer) -> Workshop {
    let workshop = Workshop::of(server).await;
    workshop.write("t.pkr.hcl", TEMPLATE);
    workshop.scenario(&built(
        "file.one",
        &[("packer.file", "File", &["out/one.txt"])],
    ));
    workshop
}

#[tokio::test]
async fn programs_read_one_object_per_line() {
    let server = TestServer::start().await;
    let workshop = workshop(&server).await;
    let build = [
        "build",
        "--bucket",
        "b",
        "--fingerprint",
        "f1",
        "--message-format",
        "json",
        "t.pkr.hcl",
    ];
    let ended = workshop.run(&build).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(ended.stdout, @r#"
    {"reason":"message","text":"Recording with touchmark: bucket b, fingerprint f1, Packer 1.6.6"}
    {"component":"file.one","reason":"build-state","state":"waiting"}
    {"component":"file.one","reason":"build-state","state":"running"}
    {"component":"file.one","reason":"packer-output","text":"==> file.one: Building"}
    {"component":"file.one","reason":"build-state","state":"built"}
    {"component":"file.one","external_identifier":"one.txt","platform":"packer.file","reason":"artifact","region":"out"}
    {"component":"file.one","reason":"build-state","state":"done"}
    {"bucket":"b","fingerprint":"f1","reason":"build-finished","recorded":true,"success":true}
    "#);
}

#[tokio::test]
async fn a_terminal_shows_a_line_per_build_and_its_state() {
    let server = TestServer::start().await;
    let workshop = workshop(&server).await;
    let command = workshop.command(&["build", "--bucket", "b", "--fingerprint", "f1", "t.pkr.hcl"]);
    let line = std::iter::once(command.get_program()).chain(command.get_args());
    let line: Vec<String> = line
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    // `script` of util-linux gives a command a terminal.
    let mut script = Command::new("script");
    script
        .args(["-qec", &line.join(" "), "/dev/null"])
        .env_clear();
    script
        .current_dir(command.get_current_dir().expect("a folder"))
        .env("TERM", "xterm");
    script.envs(
        command
            .get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let ended = ended(Process::of(script)).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stdout);
    assert!(
        ended.stdout.contains("\x1b[36mrunning\x1b[0m"),
        "{:?}",
        ended.stdout
    );
    assert!(
        ended.stdout.contains("\x1b[32mdone\x1b[0m"),
        "{:?}",
        ended.stdout
    );
    assert!(
        ended
            .stdout
            .contains("file.one  packer.file  out     one.txt"),
        "{:?}",
        ended.stdout
    );
}
