//! What is said to shells: the script that makes one ask, and answers in the form that it wants.

use std::fmt::Write as _;

use clap::ValueEnum as _;
use clap_complete::Shell;
use clap_complete::engine::CompletionCandidate;
use clap_complete::env::Shells;

use crate::exit::{Context as _, Failure, Result};
use crate::settings::variable;

/// The variable by which a script asks; its value is the shell.
const VARIABLE: &str = "TOUCHMARK_COMPLETE";
/// What is completed, and what is asked.
const PROGRAM: &str = "touchmark";

/// The script for bash. It takes a line apart at `:` and `=` as well as at blanks, and replaces only what stands behind the
/// last of them; here addresses such as `alpine:v3` are one word.
const BASH: &str = r#"_touchmark() {
    local line=${COMP_LINE:0:COMP_POINT} words=() i word blanks start
    for ((i = 0; i <= COMP_CWORD; i++)); do
        blanks=${line%%[![:blank:]]*}
        line=${line#"$blanks"}
        word=${COMP_WORDS[i]}
        # What stands behind the cursor is left out.
        ((i == COMP_CWORD)) && word=$line
        line=${line#"$word"}
        # What follows without a blank belongs to the word before.
        if ((i > 0)) && [[ -z $blanks ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
    done
    i=$((${#words[@]} - 1))
    words[i]=${words[i]#[\"\']}
    start=${words[i]%"$2"}
    COMPREPLY=()
    while IFS= read -r word; do
        COMPREPLY+=("${word#"$start"}")
    done < <(_CLAP_COMPLETE_INDEX=$i TOUCHMARK_COMPLETE=bash touchmark -- "${words[@]}" 2>/dev/null)
    if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *[=/:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o bashdefault -o nosort -F _touchmark touchmark 2>/dev/null || complete -o bashdefault -F _touchmark touchmark
"#;

/// The shell whose script called, if one did.
pub(super) fn asking() -> Option<Shell> {
    let name = variable(VARIABLE)?;
    Shell::from_str(&name, false).ok()
}

/// The script that makes a shell ask.
///
/// # Errors
/// When there is none for this shell.
pub(crate) fn script(shell: Shell) -> Result<String> {
    if shell == Shell::Bash {
        return Ok(BASH.to_owned());
    }
    let name = shell.to_string();
    let shells = Shells::builtins();
    let completer = shells.completer(&name);
    let completer = completer.ok_or_else(|| Failure::usage(format!("{name} is not known")))?;
    let mut script = Vec::new();
    completer
        .write_registration(VARIABLE, PROGRAM, PROGRAM, PROGRAM, &mut script)
        .context(|| "the script cannot be made".to_owned())?;
    String::from_utf8(script).map_err(|error| Failure::plain(error.to_string()))
}

/// Names as the script of a shell reads them.
pub(super) fn text(shell: Shell, names: &[CompletionCandidate]) -> String {
    let mut text = String::new();
    for name in names {
        let value = name.get_value().to_string_lossy();
        let about = name.get_help().map(ToString::to_string);
        let about = about.as_deref().and_then(|about| about.lines().next());
        // Writing to a string does not fail.
        let _ = match (shell, about) {
            (Shell::Fish | Shell::PowerShell, Some(about)) => writeln!(text, "{value}\t{about}"),
            (Shell::Zsh, about) => writeln!(text, "{}", for_zsh(&value, about)),
            _ => writeln!(text, "{value}"),
        };
    }
    text
}

/// A colon parts what is typed from what is said about it.
fn for_zsh(value: &str, about: Option<&str>) -> String {
    let value = value.replace('\\', r"\\").replace(':', r"\:");
    match about {
        Some(about) => format!("{value}:{}", about.replace('\\', r"\\")),
        None => value,
    }
}
