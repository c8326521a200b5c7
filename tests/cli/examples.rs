//! Every example of every `--help`, and those of the README, run by a shell.

use std::path::Path;

use touchmark_tests::{Options, Story as _, TestServer, installed};

use crate::{program::Cli, seed};

/// What lies beside the examples.
const FILES: [(&str, &str); 6] = [
    ("scan.csv", "host,resource\nweb-1,ami-0a1b2c3d4e5f60002\n"),
    (
        "sbom.cdx.json",
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}"#,
    ),
    (
        "hello.pkr.hcl",
        r#"
source "file" "notes" {
  content = "A file stands in for an image."
  target  = "notes.txt"
}
build {
  sources = ["source.file.notes"]
}
"#,
    ),
    (
        "packer-manifest.json",
        r#"{"builds": [{"name": "base", "builder_type": "amazon-ebs", "build_time": 1767323045,
            "files": null, "artifact_id": "us-east-1:ami-0a1b2c3d4e5f60009",
            "packer_run_uuid": "2f0c5c3a-5d96-477d-92e5-681c85120246", "custom_data": null}],
            "last_run_uuid": "2f0c5c3a-5d96-477d-92e5-681c85120246"}"#,
    ),
    (
        "metadata.json",
        r#"{"containerimage.digest": "sha256:aa", "containerimage.config.digest": "sha256:bb",
            "image.name": "registry.example.com/app:1"}"#,
    ),
    (
        "build.json",
        r#"{"bucket": "debian-cloud", "builds": [{"component_type": "mkosi.debian",
            "platform": "mkosi", "artifacts": [{"external_identifier": "image_1.raw"}]}]}"#,
    ),
];

/// Where Debian puts Packer.
const PACKER: &str = "/usr/bin/packer";

/// Whether examples that run Packer can be run.
fn has_packer() -> bool {
    installed(PACKER, "REQUIRE_PACKER")
}

/// A registry over TLS with all that examples speak of, its admin, and the files beside them.
async fn stage() -> (TestServer, Cli) {
    let server = TestServer::start_with(Options {
        tls: true,
        ..Options::default()
    })
    .await;
    let admin = server.admin();
    seed::seed(&server).await;
    admin.bucket("base").await;
    admin.complete("base", "base-1").await;
    admin.channel("base", "production", "base-1").await;
    for bucket in ["hello", "app"] {
        admin.bucket(bucket).await;
        admin.channel(bucket, "dev", "").await;
    }
    let cli = Cli::admin(&server);
    for (name, content) in FILES {
        cli.file(name, content);
    }
    (server, cli)
}

/// The help of a command, of its subcommands, and of theirs, with the words that lead there.
async fn helps(cli: &Cli) -> Vec<(String, String)> {
    let mut helps = Vec::new();
    let mut paths = vec![String::new()];
    while let Some(path) = paths.pop() {
        let words = path.split_whitespace().chain(["--help"]);
        let ended = cli.ended(&words.collect::<Vec<_>>()).await;
        assert_eq!(ended.code, Some(0), "{path}: {}", ended.stderr);
        // The last one found is asked next, so that all are in the order of the help.
        for command in subcommands(&ended.stdout).into_iter().rev() {
            paths.push(format!("{path} {command}"));
        }
        helps.push((path, ended.stdout));
    }
    helps
}

fn subcommands(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let lines = lines.take_while(|line| line.starts_with("  "));
    let names = lines.filter_map(|line| line.split_whitespace().next());
    let names = names.filter(|name| *name != "help");
    names.map(str::to_owned).collect()
}

fn examples(help: &str) -> Vec<&str> {
    let lines = help.lines().skip_while(|line| *line != "Examples:");
    lines.filter_map(|line| line.strip_prefix("  $ ")).collect()
}

#[tokio::test]
async fn every_example_of_every_help_runs() {
    let (_server, cli) = stage().await;
    let mut ran = 0;
    for (path, help) in helps(&cli).await {
        let examples = examples(&help);
        let is_group = help.contains("\nCommands:\n");
        assert!(
            is_group || !examples.is_empty(),
            "no example: touchmark{path}"
        );
        for example in examples {
            let words = format!("touchmark{path}");
            if path == " build" && !has_packer() {
                continue;
            }
            assert!(example.contains(&words), "of another command: {example}");
            let ended = cli.sh(example).await;
            assert_eq!(ended.code, Some(0), "{example}: {}", ended.stderr);
            ran += 1;
        }
    }
    assert!(ran > 40, "{ran} examples");
}

#[tokio::test]
async fn the_examples_of_the_readme_run() {
    let (_server, cli) = stage().await;
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = std::fs::read_to_string(readme).expect("the README");
    for heading in ["Without HCP support", "The command line"] {
        if heading == "Without HCP support" && !has_packer() {
            continue;
        }
        let (_, section) = readme
            .split_once(&format!("\n## {heading}\n"))
            .expect("the section");
        let section = section.split("\n## ").next().unwrap_or_default();
        let blocks: Vec<&str> = section.split("```sh\n").skip(1).collect();
        assert!(!blocks.is_empty());
        for block in blocks {
            let block = block.split("```").next().unwrap_or_default();
            // We are built already, and the variables are set.
            let lines = block.lines();
            let lines =
                lines.filter(|line| !line.starts_with("cargo ") && !line.starts_with(". ~/"));
            let block = lines.collect::<Vec<_>>().join("\n");
            let ended = cli.sh(&block).await;
            assert_eq!(ended.code, Some(0), "{block}: {}", ended.stderr);
        }
    }
}
