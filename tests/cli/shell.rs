//! `touchmark man`, `touchmark version`, and wrong usage.

use std::fs;

use crate::program::Cli;

#[tokio::test]
async fn every_command_has_a_manual_page() {
    let cli = Cli::bare();
    let page = cli.ended(&["man"]).await;
    assert!(page.stdout.contains(".TH touchmark 1"), "{}", page.stdout);
    let pages = cli.json("man pages").await;
    let pages = pages.as_array().expect("an array");
    for page in pages {
        let name = page.as_str().expect("a name");
        let text = fs::read_to_string(cli.folder().join("pages").join(name)).expect("a page");
        assert!(text.contains(".SH SYNOPSIS"), "{name}");
    }
    for name in [
        "touchmark.1",
        "touchmark-version-revoke.1",
        "touchmark-doctor.1",
    ] {
        assert!(pages.iter().any(|page| page == name), "{name}");
    }
    cli.file("file", "");
    insta::assert_snapshot!(cli.run("man file").await, @r#"
    exit 1
    stderr:
    touchmark: file cannot be made: File exists (os error 17)
    "#);
}

#[tokio::test]
async fn wrong_usage_is_told_with_what_was_meant() {
    let cli = Cli::bare();
    insta::assert_snapshot!(cli.run("buckets").await, @r#"
    exit 2
    stderr:
    error: unrecognized subcommand 'buckets'

      tip: a similar subcommand exists: 'bucket'

    Usage: touchmark [OPTIONS] <COMMAND>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(cli.run("bucket lst").await, @r#"
    exit 2
    stderr:
    error: unrecognized subcommand 'lst'

      tip: a similar subcommand exists: 'list'

    Usage: touchmark bucket [OPTIONS] <COMMAND>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(cli.run("bucket show").await, @r#"
    exit 2
    stderr:
    error: the following required arguments were not provided:
      <BUCKET>

    Usage: touchmark bucket show <BUCKET>

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(cli.run("bucket list --jsn").await, @r#"
    exit 2
    stderr:
    error: unexpected argument '--jsn' found

      tip: a similar argument exists: '--json'

    Usage: touchmark bucket list --json[=<FIELDS>]

    For more information, try '--help'.
    "#);
    insta::assert_snapshot!(cli.run("version --json").await, @r#"
    exit 0
    stdout:
    {
      "name": "touchmark",
      "version": "0.1.0"
    }
    "#);
}
