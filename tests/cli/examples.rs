//! Every example of every `--help`, and those of the README, run by a shell.

use std::path::Path;

use touchmark_tests::{Options, TestServer};

use crate::{program::Cli, seed};

/// A registry over TLS with all that examples speak of, its admin, and the files beside them.
async fn stage() -> (TestServer, Cli) {
    let server = TestServer::start_with(Options {
        tls: true,
        ..Options::default()
    })
    .await;
    seed::seed(&server.admin()).await;
    let cli = Cli::admin(&server);
    cli.file("scan.csv", "host,resource\nweb-1,ami-0a1b2c3d4e5f60002\n");
    cli.file(
        "sbom.cdx.json",
        r#"{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}"#,
    );
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
    let (_, section) = readme
        .split_once("\n## The command line\n")
        .expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let blocks: Vec<&str> = section.split("```sh\n").skip(1).collect();
    assert!(!blocks.is_empty());
    for block in blocks {
        let block = block.split("```").next().unwrap_or_default();
        let ended = cli.sh(block).await;
        assert_eq!(ended.code, Some(0), "{block}: {}", ended.stderr);
    }
}
