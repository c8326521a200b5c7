//! What is shown while a build goes on: a moving line per build at a terminal, plain lines elsewhere, or one JSON
//! object per line for programs.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::entry::Done;
use crate::output::shown;
use crate::terminal::Terminal;

/// For whom it is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people, on standard error
    #[default]
    Human,
    /// One object per line on standard output, each with a `reason`
    Json,
}

/// Where a build is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Waiting,
    Running,
    Built,
    Done,
    Failed,
    Cancelled,
}

impl State {
    const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Built => "built",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    const fn colour(self) -> u8 {
        match self {
            Self::Waiting => 2,
            Self::Running => 36,
            Self::Built | Self::Done => 32,
            Self::Failed => 31,
            Self::Cancelled => 33,
        }
    }
}

/// Shows it.
pub(crate) struct Display {
    format: Format,
    terminal: Terminal,
    lines: Option<MultiProgress>,
    bars: BTreeMap<String, ProgressBar>,
}

impl Display {
    /// For these readers.
    pub(crate) fn new(format: Format, terminal: Terminal) -> Self {
        let live = format == Format::Human && terminal.is_live;
        Self {
            format,
            terminal,
            lines: live.then(MultiProgress::new),
            bars: BTreeMap::new(),
        }
    }

    /// Says something about the whole.
    pub(crate) fn note(&self, text: &str) {
        self.emit(text, || json!({ "reason": "message", "text": text }));
    }

    /// Shows a line of Packer's.
    pub(crate) fn output(&self, component: Option<&str>, text: &str) {
        let lines = text.lines().map(shown).collect::<Vec<_>>().join("\n");
        self.emit(
            &lines,
            || json!({ "reason": "packer-output", "component": component, "text": text }),
        );
    }

    /// Shows what a build left behind.
    pub(crate) fn built(&self, done: &Done) {
        for image in &done.images {
            let text = format!(
                "{}: {} {} {}",
                done.component, done.platform, image.region, image.id
            );
            self.emit(&shown(&text), || {
                json!({
                    "reason": "artifact",
                    "component": done.component,
                    "platform": done.platform,
                    "region": image.region,
                    "external_identifier": image.id,
                })
            });
        }
    }

    /// Shows where a build is.
    pub(crate) fn state(&mut self, component: &str, state: State) {
        if self.format == Format::Json {
            emit_json(
                &json!({ "reason": "build-state", "component": component, "state": state.word() }),
            );
            return;
        }
        let Some(lines) = &self.lines else {
            if state != State::Waiting {
                self.terminal
                    .say(&format!("{}: {}", shown(component), state.word()));
            }
            return;
        };
        let bar = self.bars.entry(component.to_owned()).or_insert_with(|| {
            let bar = lines.add(ProgressBar::new_spinner());
            let style = ProgressStyle::with_template("{spinner} {prefix}  {msg}  {elapsed}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            bar.set_prefix(shown(component));
            bar
        });
        let word = self.terminal.paint(state.colour(), state.word());
        match state {
            State::Waiting | State::Built => bar.set_message(word),
            State::Running => {
                bar.reset_elapsed();
                bar.set_message(word);
                bar.enable_steady_tick(Duration::from_millis(120));
            }
            State::Done | State::Failed | State::Cancelled => bar.finish_with_message(word),
        }
    }

    /// Shows how the whole ended, to programs.
    pub(crate) fn end(&self, value: &Value) {
        if self.format == Format::Json {
            let mut object = json!({ "reason": "build-finished" });
            if let (Some(object), Some(more)) = (object.as_object_mut(), value.as_object()) {
                object.extend(more.clone());
            }
            emit_json(&object);
        }
    }

    fn emit(&self, text: &str, value: impl FnOnce() -> Value) {
        match (&self.lines, self.format) {
            (_, Format::Json) => emit_json(&value()),
            (Some(lines), Format::Human) => {
                // It goes above the moving lines.
                let _ = lines.println(text);
            }
            (None, Format::Human) => self.terminal.say(text),
        }
    }
}

fn emit_json(value: &Value) {
    // Whoever stopped reading does not stop the build.
    let _ = writeln!(std::io::stdout(), "{value}");
}
