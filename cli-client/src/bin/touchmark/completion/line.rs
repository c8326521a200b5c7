//! The line that is being typed, as far as completion depends on it.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgMatches, CommandFactory as _};

use crate::arguments::Arguments;
use crate::settings::{Flags, variable};

/// What the script of a shell says.
#[derive(Default)]
pub(super) struct Typed {
    /// The words of the line, the first of which is the program.
    pub(super) words: Vec<OsString>,
    /// Which of them is being typed.
    pub(super) index: usize,
}

impl Typed {
    /// The words that follow two dashes; `None` when there are none.
    pub(super) fn read() -> Option<Self> {
        let words = std::env::args_os().skip_while(|word| word != "--").skip(1);
        let mut words: Vec<OsString> = words.collect();
        let last = words.len().checked_sub(1)?;
        // Not every shell says which word it is; for those it is the last one.
        let index = variable("_CLAP_COMPLETE_INDEX").and_then(|index| index.parse().ok());
        let index = index.unwrap_or(last);
        if index > last {
            // zsh leaves out a word that has not been begun.
            words.push(OsString::new());
        }
        Some(Self { words, index })
    }
}

/// The words before the one that is being typed.
pub(super) struct Line {
    words: Vec<String>,
    /// What the last of the commands that they name was given.
    given: Option<ArgMatches>,
}

impl Line {
    /// The beginning of what is typed.
    pub(super) fn of(typed: Typed) -> Self {
        let words = typed.words.into_iter().take(typed.index);
        let words: Vec<String> = words
            .map(|word| word.to_string_lossy().into_owned())
            .collect();
        let command = Arguments::command().ignore_errors(true);
        let given = command.try_get_matches_from(&words).ok().map(|mut given| {
            while let Some((_, inner)) = given.remove_subcommand() {
                given = inner;
            }
            given
        });
        Self { words, given }
    }

    /// The flags that say where names are to come from.
    pub(super) fn flags(&self) -> Flags {
        Flags {
            url: self.flag("--url"),
            project: self.flag("--project"),
            profile: self.flag("--profile"),
            ca_file: self.flag("--ca-file").map(PathBuf::from),
            no_input: true,
            quiet: true,
            ..Flags::default()
        }
    }

    /// Also where the line makes no sense yet: without them names would come from elsewhere.
    fn flag(&self, name: &str) -> Option<String> {
        let mut words = self.words.iter();
        let mut found = None;
        while let Some(word) = words.next() {
            match word.strip_prefix(name) {
                Some("") => found = words.next().cloned(),
                Some(value) => {
                    found = value.strip_prefix('=').map(str::to_owned).or(found);
                }
                None => {}
            }
        }
        found
    }

    /// The bucket that is named, by itself or in an address.
    pub(super) fn bucket(&self) -> Option<String> {
        let bucket = self.value("bucket");
        bucket.or_else(|| {
            let address = self.value("channel")?;
            address.split_once(':').map(|(bucket, _)| bucket.to_owned())
        })
    }

    /// Bucket and channel that something is resolved from.
    pub(super) fn channel(&self) -> Option<(String, String)> {
        let from = self.value("from")?;
        let (bucket, channel) = from.split_once(':').unwrap_or((&from, "latest"));
        Some((bucket.to_owned(), channel.to_owned()))
    }

    fn value(&self, name: &str) -> Option<String> {
        let mut values = self.given.as_ref()?.try_get_raw(name).ok()??;
        values.next()?.to_str().map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Typed};

    fn line(text: &str) -> Line {
        let words: Vec<_> = text.split(' ').map(Into::into).collect();
        let index = words.len();
        Line::of(Typed { words, index })
    }

    #[test]
    fn the_bucket_is_found_wherever_it_stands() {
        for text in [
            "touchmark channel promote alpine",
            "touchmark --profile work channel promote alpine",
            "touchmark channel --json assign alpine:testing",
            "touchmark channel create alpine:testing --version",
            "touchmark push --bucket alpine --channel",
            "touchmark build --label a=b --bucket=alpine --channel",
        ] {
            assert_eq!(line(text).bucket().as_deref(), Some("alpine"), "{text}");
        }
        assert_eq!(line("touchmark channel promote").bucket(), None);
    }

    #[test]
    fn without_a_channel_it_is_the_latest() {
        let named = |text| line(text).channel();
        let pair = |bucket: &str, channel: &str| Some((bucket.to_owned(), channel.to_owned()));
        assert_eq!(named("touchmark resolve a --region"), pair("a", "latest"));
        assert_eq!(
            named("touchmark resolve a:b --platform aws --region"),
            pair("a", "b")
        );
        assert_eq!(named("touchmark push --bucket a --platform"), None);
    }

    #[test]
    fn flags_are_read_in_lines_that_make_no_sense() {
        let flags = line("touchmark --nonsense --profile work bucket --project=p show").flags();
        assert_eq!(flags.profile.as_deref(), Some("work"));
        assert_eq!(flags.project.as_deref(), Some("p"));
        assert_eq!(line("touchmark --profile").flags().profile, None);
    }
}
