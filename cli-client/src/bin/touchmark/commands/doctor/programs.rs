//! Checks of the programs that `touchmark build` runs.

use std::time::Duration;

use tokio::process::Command;

use crate::exit::Failure;

use super::Outcome;

/// How long a program may take to say its version.
const PATIENCE: Duration = Duration::from_secs(10);
/// The first Packer that tells a registry all that belongs to a build.
const PUSHES: (u32, u32, u32) = (1, 10, 3);

/// Whether there is Packer, and whether it can push by itself.
pub(super) async fn packer() -> Outcome {
    let Some(said) = ask("packer").await else {
        return Outcome::Skipped("it is not in PATH; only touchmark build needs it");
    };
    let version = said
        .lines()
        .next()
        .and_then(|line| parse(line.strip_prefix("Packer v")?));
    let Some(version) = version else {
        let failure = Failure::plain("what is called packer in PATH is not Packer")
            .hint("put the folder of Packer before the others in PATH");
        return Outcome::Failed(failure);
    };
    let (major, minor, patch) = version;
    let pushes = if version >= PUSHES {
        "pushes by itself, if the template asks for it"
    } else {
        "cannot push by itself; touchmark build does"
    };
    Outcome::Passed(format!("{major}.{minor}.{patch}, {pushes}"))
}

/// Whether there is git, which tells the commit of a template.
pub(super) async fn git() -> Outcome {
    match ask("git").await {
        Some(said) => {
            let version = said.trim().trim_start_matches("git version ");
            Outcome::Passed(version.to_owned())
        }
        None => Outcome::Skipped("it is not in PATH; builds are recorded without their commit"),
    }
}

async fn ask(program: &str) -> Option<String> {
    let mut command = Command::new(program);
    // Packer would ask its maker for news.
    command.arg("version").env("CHECKPOINT_DISABLE", "1");
    command.kill_on_drop(true);
    let ended = tokio::time::timeout(PATIENCE, command.output()).await;
    let output = ended.ok()?.ok()?;
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The numbers of a version, without what follows a dash.
fn parse(text: &str) -> Option<(u32, u32, u32)> {
    let text = text.split(['-', '+', ' ']).next()?;
    let mut numbers = text.split('.').map(|number| number.parse().ok());
    Some((numbers.next()??, numbers.next()??, numbers.next()??))
}

#[cfg(test)]
mod tests {
    use super::{PUSHES, parse};

    #[test]
    fn versions_are_three_numbers() {
        assert_eq!(parse("1.6.6"), Some((1, 6, 6)));
        assert_eq!(parse("1.16.0-dev (abc)"), Some((1, 16, 0)));
        assert_eq!(parse("1.6"), None);
        assert!(parse("1.10.2") < Some(PUSHES) && parse("1.16.0") > Some(PUSHES));
    }
}
