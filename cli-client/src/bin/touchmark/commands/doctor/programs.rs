//! Checks of the programs that `touchmark build` runs.

use std::process::Command;

use crate::packer::program::Program;

use super::Outcome;

/// Whether there is Packer, and whether it can push by itself.
pub(super) fn packer() -> Outcome {
    match Program::look() {
        Ok(Some(program)) if program.speaks() => Outcome::Passed(format!(
            "{}, pushes by itself, if the template asks for it",
            program.version
        )),
        Ok(Some(program)) => Outcome::Passed(format!(
            "{}, cannot push by itself; touchmark build does",
            program.version
        )),
        Ok(None) => Outcome::Skipped("it is not in PATH; only touchmark build needs it"),
        Err(failure) if failure.hints.is_empty() => {
            Outcome::Failed(failure.hint("name Packer in TOUCHMARK_PACKER"))
        }
        Err(failure) => Outcome::Failed(failure),
    }
}

/// Whether there is git, which tells the commit of a template.
pub(super) fn git() -> Outcome {
    let output = Command::new("git").arg("--version").output();
    match output {
        Ok(output) if output.status.success() => {
            let said = String::from_utf8_lossy(&output.stdout);
            let version = said.trim().trim_start_matches("git version ");
            Outcome::Passed(version.to_owned())
        }
        _ => Outcome::Skipped("it is not in PATH; builds are recorded without their commit"),
    }
}
