//! Who reads along: messages on standard error, questions at a terminal, colours where they are wanted.

use std::io::{self, IsTerminal as _, Write as _};

use crate::exit::{Code, Failure, Result};
use crate::settings::{Flags, variable};

/// How to speak to whoever started the command.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent")]
pub(crate) struct Terminal {
    /// Whether standard error is a terminal that shows moving lines.
    pub(crate) is_live: bool,
    /// Whether standard error shows colours.
    pub(crate) colours: bool,
    /// Whether requests are shown.
    pub(crate) debug: bool,
    quiet: bool,
    /// Whether somebody can be asked.
    asks: bool,
}

impl Terminal {
    /// As flags and environment say.
    pub(crate) fn new(flags: &Flags) -> Self {
        let errors = io::stderr().is_terminal();
        let dumb = variable("TERM").is_some_and(|term| term == "dumb");
        let plain = flags.no_color || variable("NO_COLOR").is_some() || dumb;
        let forced = variable("CLICOLOR_FORCE").is_some_and(|value| value != "0");
        Self {
            is_live: errors && !dumb && !flags.quiet,
            colours: !plain && (errors || forced),
            debug: flags.debug,
            quiet: flags.quiet,
            asks: errors && io::stdin().is_terminal() && !flags.no_input && !flags.quiet,
        }
    }

    /// Says something beside the result.
    pub(crate) fn say(self, line: &str) {
        if !self.quiet {
            // Without standard error there is nobody to be told.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }

    /// Text in an ANSI colour, where colours are shown.
    pub(crate) fn paint(self, colour: u8, text: &str) -> String {
        if self.colours {
            format!("\x1b[{colour}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }

    /// Whether a question would be answered.
    pub(crate) const fn asks(self) -> bool {
        self.asks
    }

    /// Reads a line that answers a question.
    #[expect(clippy::unused_self, reason = "only a terminal can be asked")]
    pub(crate) fn ask(self, question: &str) -> Result<String> {
        let mut errors = io::stderr();
        let _ = write!(errors, "{question}");
        let _ = errors.flush();
        let mut line = String::new();
        match io::stdin().read_line(&mut line) {
            Ok(0) => Err(Failure::usage("no answer was given")),
            Ok(_) => Ok(line.trim().to_owned()),
            Err(error) => Err(Failure::usage(format!(
                "the answer cannot be read: {error}"
            ))),
        }
    }

    /// Reads a line that is not shown while it is typed.
    #[expect(clippy::unused_self, reason = "only a terminal can be asked")]
    pub(crate) fn ask_secret(self, question: &str) -> Result<String> {
        let secret = rpassword::prompt_password(question);
        let secret = secret
            .map_err(|error| Failure::usage(format!("the answer cannot be read: {error}")))?;
        Ok(secret.trim().to_owned())
    }

    /// Lets what cannot be taken back go on only when the name is typed, or `yes` was given.
    ///
    /// # Errors
    /// A usage failure when nobody can be asked, or something else was typed.
    pub(crate) fn confirm(self, yes: bool, what: &str, name: &str) -> Result<()> {
        if yes {
            return Ok(());
        }
        if !self.asks {
            return Err(Failure::usage(format!("{what} needs a confirmation")).hint("add --yes"));
        }
        if self.ask(&format!("Type {name} to {what}: "))? == name {
            return Ok(());
        }
        Err(Failure::new(
            Code::Usage,
            "nothing was changed: the name does not match",
        ))
    }
}
