//! A journal: one file per run, in which each line is flushed to disk before the next thing happens. Lines say what
//! is to be said and what has been heard. A line that was cut short by a crash does not count.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::entry::{Entry, Header};
use crate::exit::{Context, Failure, Result};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Header(Header),
    Entry(Entry),
    /// The entry of this number, counted from 0, has been heard.
    Heard(usize),
}

/// A journal that this process owns.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    /// What it is about.
    pub(crate) header: Header,
    entries: Vec<Entry>,
    heard: BTreeSet<usize>,
}

impl Journal {
    /// Begins a journal in `folder`, which is made if need be.
    pub(crate) fn create(folder: &Path, header: Header) -> Result<Self> {
        let name = format!("{}.jsonl", ulid::Ulid::new());
        let path = folder.join(name);
        let make = || -> io::Result<File> {
            fs::create_dir_all(folder)?;
            let file = File::create_new(&path)?;
            file.try_lock()?;
            // The name is to survive as well.
            File::open(folder)?.sync_all()?;
            Ok(file)
        };
        let file = make().context(|| format!("the journal {} cannot be made", path.display()))?;
        let mut journal = Self {
            file,
            path,
            header: header.clone(),
            entries: Vec::new(),
            heard: BTreeSet::new(),
        };
        journal.line(&Line::Header(header))?;
        Ok(journal)
    }

    /// Opens a journal that another process left; `None` while that still runs.
    pub(crate) fn open(path: &Path) -> Result<Option<Self>> {
        let unreadable = || format!("the journal {} cannot be read", path.display());
        let mut file = File::options()
            .read(true)
            .write(true)
            .open(path)
            .context(unreadable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error).context(unreadable),
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).context(unreadable)?;
        // What follows the last line break was being written when its process ended.
        let whole = text
            .iter()
            .rposition(|byte| *byte == b'\n')
            .map_or(0, |at| at + 1);
        text.truncate(whole);
        let length = u64::try_from(whole).unwrap_or(u64::MAX);
        file.set_len(length).context(unreadable)?;
        file.seek(SeekFrom::End(0)).context(unreadable)?;
        let mut header = None;
        let (mut entries, mut heard) = (Vec::new(), BTreeSet::new());
        for line in text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            match serde_json::from_slice(line).context(unreadable)? {
                Line::Header(it) => header = Some(it),
                Line::Entry(entry) => entries.push(entry),
                Line::Heard(number) => {
                    heard.insert(number);
                }
            }
        }
        let header: Header =
            header.ok_or_else(|| Failure::plain(format!("{}: it is empty", unreadable())))?;
        if header.v != 1 {
            let problem = format!("{}: it was written by a newer touchmark", unreadable());
            return Err(Failure::plain(problem));
        }
        Ok(Some(Self {
            file,
            path: path.to_owned(),
            header,
            entries,
            heard,
        }))
    }

    /// The journals in `folder`, the oldest first.
    pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>> {
        let unreadable = || format!("the journals in {} cannot be listed", folder.display());
        let entries = match fs::read_dir(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.context(unreadable)?,
        };
        let mut paths = Vec::new();
        for entry in entries {
            let path = entry.context(unreadable)?.path();
            if path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                paths.push(path);
            }
        }
        // Their names are ULIDs.
        paths.sort();
        Ok(paths)
    }

    /// Notes what is to be said; its number.
    pub(crate) fn say(&mut self, entry: Entry) -> Result<usize> {
        let line = Line::Entry(entry);
        self.line(&line)?;
        if let Line::Entry(entry) = line {
            self.entries.push(entry);
        }
        Ok(self.entries.len() - 1)
    }

    /// Notes that an entry has been heard.
    pub(crate) fn heard(&mut self, number: usize) -> Result<()> {
        self.line(&Line::Heard(number))?;
        self.heard.insert(number);
        Ok(())
    }

    fn line(&mut self, line: &Line) -> Result<()> {
        let write = |file: &mut File| -> io::Result<()> {
            let mut text = serde_json::to_vec(line)?;
            text.push(b'\n');
            file.write_all(&text)?;
            file.sync_data()
        };
        write(&mut self.file)
            .context(|| format!("the journal {} cannot be written", self.path.display()))
    }

    /// All entries.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The first entry that has not been heard, with its number.
    pub(crate) fn next(&self) -> Option<(usize, Entry)> {
        let entries = self.entries.iter().enumerate();
        let mut open = entries.filter(|(number, _)| !self.heard.contains(number));
        open.next().map(|(number, entry)| (number, entry.clone()))
    }

    /// Whether nothing is left but channels.
    pub(crate) fn is_recorded(&self) -> bool {
        let entries = self.entries.iter().enumerate();
        let mut open = entries.filter(|(number, _)| !self.heard.contains(number));
        open.all(|(_, entry)| matches!(entry, Entry::Assign { .. }))
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it: all has been heard, or nothing of it is to be said any more.
    pub(crate) fn remove(&self) -> Result<()> {
        fs::remove_file(&self.path)
            .context(|| format!("the journal {} cannot be removed", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, Header, Journal};
    use std::io::Write;

    fn header() -> Header {
        Header {
            v: 1,
            url: "https://localhost:8443".to_owned(),
            project: String::new(),
            bucket: "b".to_owned(),
            fingerprint: "f".to_owned(),
            run_uuid: "u".to_owned(),
            begun_at: "2026-01-01T00:00:00Z".to_owned(),
        }
    }

    fn build(component: &str) -> Entry {
        Entry::Build {
            component: component.to_owned(),
        }
    }

    #[test]
    fn what_was_not_heard_is_found_again_after_a_crash() {
        let folder = std::env::temp_dir().join(format!("touchmark-journal-{}", std::process::id()));
        let mut journal = Journal::create(&folder, header()).unwrap();
        assert_eq!(journal.say(build("one")).unwrap(), 0);
        assert_eq!(journal.say(build("two")).unwrap(), 1);
        journal.heard(0).unwrap();
        let paths = Journal::list(&folder).unwrap();
        assert_eq!(paths, [journal.path().to_owned()]);
        assert!(
            Journal::open(&paths[0]).unwrap().is_none(),
            "its process still runs"
        );
        drop(journal);

        let mut torn = std::fs::File::options()
            .append(true)
            .open(&paths[0])
            .unwrap();
        torn.write_all(b"{\"entry\":{\"say\":\"bui").unwrap();
        drop(torn);
        let mut journal = Journal::open(&paths[0]).unwrap().unwrap();
        assert_eq!(journal.next(), Some((1, build("two"))));
        journal.say(build("three")).unwrap();
        drop(journal);
        let journal = Journal::open(&paths[0]).unwrap().unwrap();
        assert_eq!(
            journal.entries(),
            [build("one"), build("two"), build("three")]
        );
        journal.remove().unwrap();
        assert!(Journal::list(&folder).unwrap().is_empty());
        std::fs::remove_dir(folder).unwrap();
    }
}
