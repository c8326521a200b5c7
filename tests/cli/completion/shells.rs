//! `touchmark completion`, and what shells make of its scripts.

use touchmark_tests::installed;

use super::until_given;
use crate::{program::Cli, seed::seeded};

#[tokio::test]
async fn there_is_a_script_for_every_shell() {
    let cli = Cli::bare();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = cli.ended(&["completion", shell]).await;
        assert_eq!(ended.code, Some(0), "{shell}");
        for word in ["touchmark", "TOUCHMARK_COMPLETE"] {
            assert!(ended.stdout.contains(word), "{shell}: {word}");
        }
    }
    let checked = cli
        .sh("touchmark completion bash > script; bash -n script")
        .await;
    assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
    if installed("/usr/bin/zsh", "REQUIRE_ZSH") {
        let checked = cli
            .sh("touchmark completion zsh > script; zsh -n script")
            .await;
        assert_eq!((checked.code, checked.stderr.as_str()), (Some(0), ""));
    }
    insta::assert_snapshot!(cli.run("completion csh").await, @r#"
    exit 2
    stderr:
    error: invalid value 'csh' for '<SHELL>'
      [possible values: bash, elvish, fish, powershell, zsh]

      tip: a similar value exists: 'zsh'

    For more information, try '--help'.
    "#);
}

/// What bash puts in the place of the last word, or of what it takes for that, when this line is typed in words
/// such as bash makes of it.
async fn replied(cli: &Cli, words: &[&str], last: &str) -> String {
    let line = words.concat();
    let words: Vec<String> = words
        .iter()
        .map(|word| word.trim_start())
        .map(|word| format!("'{word}'"))
        .collect();
    let script = format!(
        "set -eu; source <(touchmark completion bash); complete -p touchmark >/dev/null
        COMP_LINE='{line}' COMP_POINT={} COMP_CWORD={} COMP_WORDS=({})
        _touchmark touchmark '{last}' '' || true
        echo \"${{COMPREPLY[*]}}\"",
        line.len(),
        words.len() - 1,
        words.join(" "),
    );
    let file = cli.file("typed", &script);
    let ended = cli.sh(&format!("bash {}", file.display())).await;
    assert_eq!(ended.stderr, "", "{script}");
    ended.stdout.trim_end().to_owned()
}

#[tokio::test]
async fn bash_completes_what_it_takes_for_several_words() {
    let (_server, cli) = seeded().await;
    for (words, last, expected) in [
        (
            &["touchmark", " bucket", " show", " al"][..],
            "al",
            "alpine",
        ),
        (&["touchmark", " bucket", " show", "  "], "", "alpine web"),
        (
            &["touchmark", " channel", " show", " alpine", ":"],
            "",
            "latest production staging",
        ),
        (
            &["touchmark", " channel", " show", " alpine", ":", "st"],
            "st",
            "staging",
        ),
        (
            &[
                "touchmark",
                " version",
                " diff",
                " alpine",
                ":",
                "v1",
                " web",
                ":",
                "v",
            ],
            "v",
            "v1",
        ),
        (
            &[
                "touchmark",
                " push",
                " --bucket",
                "=",
                "alpine",
                " --channel",
                "=",
                "s",
            ],
            "s",
            "staging",
        ),
        (
            &["touchmark", " channel", " show", " \"alpine:st"],
            "alpine:st",
            "alpine:staging",
        ),
        (
            &["touchmark", " bucket", " show", " nothing"],
            "nothing",
            "",
        ),
    ] {
        until_given(expected, async || replied(&cli, words, last).await).await;
    }
}

#[tokio::test]
async fn fish_tells_what_names_stand_for() {
    if !installed("/usr/bin/fish", "REQUIRE_FISH") {
        return;
    }
    let (_server, cli) = seeded().await;
    let line = "touchmark completion fish | source; complete -C 'touchmark version show alpine:v'";
    let fish = format!("fish --no-config -c \"{line}\"");
    let expected = "alpine:v3\talpine-3\nalpine:v2\talpine-2\nalpine:v1\talpine-1";
    until_given(expected, async || {
        let ended = cli.sh(&fish).await;
        ended.stdout.trim_end().to_owned()
    })
    .await;
}
