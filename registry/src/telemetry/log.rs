//! The log: lines for people or JSON for machines, on standard error.
//!
//! What is logged is for the callers to choose; secrets and bodies are not.

use std::fmt;
use std::io::IsTerminal as _;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::config::{LogFormat, Settings};

/// Why there is no log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogError {
    /// The level is not in the syntax of `EnvFilter`.
    Level(String),
    /// The process has a log already.
    Twice,
}

impl fmt::Display for LogError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Level(problem) => write!(f, "log_level: {problem}"),
            Self::Twice => f.write_str("the log is set up already"),
        }
    }
}

impl std::error::Error for LogError {}

/// Sets up the log of this process; to be called once, by `main`.
///
/// Lines are coloured only on a terminal whose user did not object (`NO_COLOR`).
pub fn init(settings: &Settings) -> Result<(), LogError> {
    let color = settings.color && std::io::stderr().is_terminal();
    let looks = Looks {
        format: settings.log_format,
        color,
    };
    subscriber(&settings.log_level, looks, std::io::stderr)?
        .try_init()
        .map_err(|_| LogError::Twice)
}

/// What lines look like.
#[derive(Debug, Clone, Copy)]
struct Looks {
    format: LogFormat,
    color: bool,
}

type Log = Box<dyn Subscriber + Send + Sync>;

fn subscriber<W>(level: &str, looks: Looks, writer: W) -> Result<Log, LogError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(level).map_err(|error| LogError::Level(error.to_string()))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(looks.color);
    Ok(match looks.format {
        LogFormat::Human => Box::new(builder.finish()),
        LogFormat::Json => Box::new(builder.json().flatten_event(true).finish()),
    })
}

#[cfg(test)]
mod tests {
    use std::io::{self, Write};
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Sink(Arc<Mutex<Vec<u8>>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn logged(level: &str, looks: Looks) -> String {
        let sink = Sink::default();
        let writer = sink.clone();
        let log = subscriber(level, looks, move || writer.clone()).unwrap();
        tracing::subscriber::with_default(log, || {
            tracing::debug!("quiet");
            tracing::info!(bucket = "web", "recorded");
        });
        let bytes = sink.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn json_is_one_object_per_line() {
        let text = logged(
            "info",
            Looks {
                format: LogFormat::Json,
                color: false,
            },
        );
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 1);
        let line: serde_json::Value = serde_json::from_str(lines[0]).unwrap();
        assert_eq!(line["message"], "recorded");
        assert_eq!(line["bucket"], "web");
        assert_eq!(line["level"], "INFO");
    }

    #[test]
    fn colour_is_there_only_when_wanted() {
        let plain = logged(
            "info",
            Looks {
                format: LogFormat::Human,
                color: false,
            },
        );
        assert!(
            plain.contains("recorded") && !plain.contains('\u{1b}'),
            "{plain}"
        );
        let coloured = logged(
            "debug",
            Looks {
                format: LogFormat::Human,
                color: true,
            },
        );
        assert!(
            coloured.contains("quiet") && coloured.contains('\u{1b}'),
            "{coloured}"
        );
    }

    #[test]
    fn a_wrong_level_is_named() {
        let looks = Looks {
            format: LogFormat::Human,
            color: false,
        };
        assert!(subscriber("x=y=z", looks, io::sink).is_err());
    }
}
