//! What a check found.

use std::fmt;

use serde::Serialize;

use crate::error::{Error, Result};

/// Findings that are listed; a database in which more is wrong needs its backup, not a longer list.
const MOST: usize = 10_000;

/// Something that should not be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule that it breaks, such as `channel-incomplete`.
    pub rule: &'static str,
    /// What breaks it, such as `channel prod of bucket alpine`.
    pub resource: String,
    /// What is wrong, in words.
    pub detail: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A detail may quote what is stored, and a finding is one line.
        let line = format!("{}: {}: {}", self.rule, self.resource, self.detail);
        f.write_str(&line.replace(char::is_control, " "))
    }
}

/// Findings as they come.
#[derive(Default)]
pub(super) struct Report {
    findings: Vec<Finding>,
    more: usize,
}

impl Report {
    /// Adds a finding.
    pub(super) fn add(
        &mut self,
        rule: &'static str,
        resource: impl Into<String>,
        detail: impl Into<String>,
    ) {
        if self.findings.len() == MOST {
            self.more += 1;
            return;
        }
        self.findings.push(Finding {
            rule,
            resource: resource.into(),
            detail: detail.into(),
        });
    }

    /// Turns rows that cannot be read into a finding, so that the rest is looked at all the same.
    pub(super) fn keep_on(&mut self, resource: &str, seen: Result<()>) -> Result<()> {
        match seen {
            Err(Error::Internal(error)) => {
                self.add(
                    "readable",
                    resource,
                    format!("a row cannot be read: {error}"),
                );
                Ok(())
            }
            other => other,
        }
    }

    /// All of them.
    pub(super) fn findings(mut self) -> Vec<Finding> {
        if self.more > 0 {
            self.findings.push(Finding {
                rule: "more",
                resource: "database".into(),
                detail: format!("{} more findings are not listed", self.more),
            });
        }
        self.findings
    }
}
