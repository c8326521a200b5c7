//! The examples in `deploy/examples` work as they stand.

use std::{path::Path, process::Command};

use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{Process, Story, TestServer, installed, program};

use crate::workshop::{Workshop, built, ended, told, version};

/// A file of the examples.
fn example(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/examples");
    std::fs::read_to_string(folder.join(name)).expect("an example")
}

/// The lines of a pipeline that call us, without what belongs to its language.
fn commands(name: &str) -> Vec<String> {
    let text = example(name);
    let lines = text.lines().filter_map(|line| {
        let at = line.find("touchmark ")?;
        let is_comment = line.trim_start().starts_with(['#', '/']);
        let command = line[at..].trim_end_matches('\'').to_owned();
        (!is_comment).then_some(command)
    });
    lines.collect()
}

/// Blocks of shell in a page.
fn blocks(name: &str) -> Vec<String> {
    let text = example(name);
    let blocks = text.split("```sh\n").skip(1);
    blocks
        .map(|block| block.split("```").next().expect("a block").to_owned())
        .collect()
}

/// A workshop that decides, with everything that the pipelines name.
async fn workshop(server: &TestServer) -> Workshop {
    let admin = server.admin();
    admin.bucket("base").await;
    admin.complete("base", "ami-base").await;
    admin.channel("base", "production", "ami-base").await;
    admin.bucket("alpine").await;
    admin.channel("alpine", "dev", "").await;
    admin.channel("alpine", "production", "").await;
    let mut workshop = Workshop::of(server).await;
    let scope = Scope::Project(server.project.id.clone());
    let (id, secret) = server
        .credentials("pipeline", scope, Role::Contributor)
        .await;
    workshop.set("TOUCHMARK_CLIENT_ID", &id);
    workshop.set("TOUCHMARK_CLIENT_SECRET", &secret);
    for (name, value) in [
        ("GITHUB_SHA", "1111111111111111111111111111111111111111"),
        ("CI_COMMIT_SHA", "2222222222222222222222222222222222222222"),
        ("GITHUB_RUN_ID", "1"),
        ("CI_PIPELINE_ID", "2"),
        ("BUILD_NUMBER", "3"),
    ] {
        workshop.set(name, value);
    }
    workshop.write(
        "alpine.pkr.hcl",
        "source \"file\" \"alpine\" {}\nbuild { sources = [\"source.file.alpine\"] }\n",
    );
    workshop.write(
        "sbom.cdx.json",
        r#"{"bomFormat":"CycloneDX","specVersion":"1.6","components":[{"type":"library","name":"musl","version":"1"}]}"#,
    );
    workshop.scenario(&built(
        "file.alpine",
        &[("packer.file", "File", &["alpine.img"])],
    ));
    workshop
}

/// Runs a piece of shell in a workshop, with us in its PATH.
async fn shell(workshop: &Workshop, text: &str) {
    let ours = workshop.command(&[]);
    let mut shell = Command::new("sh");
    shell.args(["-euc", text]).env_clear();
    shell.current_dir(ours.get_current_dir().expect("a folder"));
    shell.envs(
        ours.get_envs()
            .filter_map(|(name, value)| Some((name, value?))),
    );
    let folder = program("touchmark");
    let folder = folder.parent().expect("a folder").display();
    shell.env("PATH", format!("{folder}:/usr/local/bin:/usr/bin:/bin"));
    let ended = ended(Process::of(shell)).await;
    assert_eq!(ended.code, Some(0), "{text}\n{}", ended.stderr);
}

#[tokio::test]
async fn pipelines_call_us_with_flags_that_exist() {
    let server = TestServer::start().await;
    let workshop = workshop(&server).await;
    for (name, count) in [
        ("github-actions.yml", 2),
        ("gitlab-ci.yml", 3),
        ("Jenkinsfile", 2),
    ] {
        let commands = commands(name);
        assert_eq!(commands.len(), count, "{name}: {commands:?}");
        for command in commands {
            shell(&workshop, &command).await;
        }
    }
    let admin = server.admin();
    let production = admin.held("alpine", "production").await;
    assert_eq!(production, "2222222222222222222222222222222222222222");
    let dev = admin.held("alpine", "dev").await;
    let built = version(&admin, "alpine", &dev).await;
    assert_eq!((built.name.as_str(), built.builds.len()), ("v3", 1));
}

#[tokio::test]
async fn what_other_builders_print_is_pushed() {
    if !installed("/usr/bin/jq", "REQUIRE_PACKER") {
        return;
    }
    let server = TestServer::start().await;
    let workshop = workshop(&server).await;
    workshop.write(
        "debian.manifest",
        r#"{"manifest_version":1,"config":{"name":"debian-golden","distribution":"debian","architecture":"x86-64","release":"bookworm","version":"1"},"packages":[]}"#,
    );
    workshop.write(
        "image.json",
        r#"{"requestId":"1","image":{"name":"golden","version":"1.2.0/1","outputResources":{"amis":[{"region":"us-east-1","image":"ami-1"},{"region":"eu-west-1","image":"ami-2"}]}}}"#,
    );
    workshop.write(
        "path-info.json",
        r#"{"/nix/store/7b6zxbvd0wjzh1j2s9x0l7lxnhl2a3c4-nixos-image":{"narHash":"sha256-xyz","narSize":1}}"#,
    );
    for block in blocks("push.md") {
        shell(&workshop, &block).await;
    }
    let admin = server.admin();
    let latest = async |bucket: &str| {
        let answer = admin.get_bucket(bucket).await.expect("a bucket");
        let version = answer
            .bucket
            .expect("a bucket")
            .latest_version
            .expect("a version");
        told(&admin.look(bucket, &version.fingerprint).await)
    };
    insta::assert_snapshot!(latest("debian").await, @r#"
    v1 VERSION_ACTIVE
    mkosi.debian BUILD_DONE mkosi: images=debian-golden.raw
    "#);
    insta::assert_snapshot!(latest("golden").await, @r#"
    v1 VERSION_ACTIVE
    imagebuilder.golden BUILD_DONE aws: eu-west-1=ami-2 us-east-1=ami-1
    "#);
    insta::assert_snapshot!(latest("nixos").await, @r#"
    v1 VERSION_ACTIVE
    nix.image BUILD_DONE qemu: =/nix/store/7b6zxbvd0wjzh1j2s9x0l7lxnhl2a3c4-nixos-image
    "#);
}
