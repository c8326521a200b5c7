//! Enforced blocks: what a block and a version of it may say.

use super::{limit, name, version::TemplateType};
use crate::error::{Error, Result};

/// What is said of a new version of a block. The content is not read any further: Packer does that, in
/// three languages.
#[derive(Debug, Clone)]
pub struct NewVersion {
    /// What the version is called; unique in its block.
    pub label: String,
    /// The provisioners, as template text.
    pub content: String,
    /// The language of the content.
    pub template_type: TemplateType,
    /// Free text.
    pub additional_description: String,
}

impl NewVersion {
    /// Refuses what is empty and must not be, too long, or holds a NUL.
    pub fn check(&self) -> Result<()> {
        let needed = [
            ("body.version", &self.label),
            ("body.block_content", &self.content),
        ];
        for (field, text) in needed {
            if text.trim().is_empty() {
                return Err(Error::invalid(field, "must not be empty"));
            }
        }
        let (label, content) = (limit::ENFORCED_BLOCK_LABEL, limit::ENFORCED_BLOCK_CONTENT);
        name::check_text("body.version", &self.label, label)?;
        name::check_text("body.block_content", &self.content, content)?;
        check_description(&self.additional_description)
    }
}

/// Refuses a description that is too long or holds a NUL.
pub fn check_description(text: &str) -> Result<()> {
    name::check_text("body.additional_description", text, limit::DESCRIPTION)
}

/// Refuses to delete what buckets are linked to; the message names them.
///
/// # Errors
/// [`Error::Refused`] when there are any.
pub fn refuse_linked(what: &str, buckets: &[String]) -> Result<()> {
    if buckets.is_empty() {
        return Ok(());
    }
    let shown: Vec<&str> = buckets.iter().take(10).map(String::as_str).collect();
    let more = match buckets.len().saturating_sub(shown.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Err(Error::refused(format!(
        "{what} is enforced on the buckets {}{more}: unlink them first",
        shown.join(", ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version() -> NewVersion {
        NewVersion {
            label: "1.0.0".into(),
            content: "provisioner \"x\" {}".into(),
            template_type: TemplateType::Hcl2,
            additional_description: String::new(),
        }
    }

    #[test]
    fn a_version_needs_a_label_and_content_within_the_limits() {
        assert!(version().check().is_ok());
        let label = |label: String| NewVersion { label, ..version() };
        let content = |content: String| NewVersion {
            content,
            ..version()
        };
        for bad in [
            label(String::new()),
            label(" ".into()),
            label("x".repeat(129)),
            label("a\0".into()),
            content("\n".into()),
            content("x\0".into()),
            content("x".repeat(256 * 1_024 + 1)),
        ] {
            assert!(bad.check().is_err(), "{} {}", bad.label, bad.content.len());
        }
        assert!(content("x".repeat(256 * 1_024)).check().is_ok());
    }

    #[test]
    fn a_refusal_names_ten_buckets_and_counts_the_rest() {
        assert!(refuse_linked("x", &[]).is_ok());
        let names: Vec<String> = (0..12).map(|n| format!("b{n}")).collect();
        let text = refuse_linked("version 1", &names).unwrap_err().to_string();
        assert!(
            text.contains("b0, b1") && text.contains("b9 and 2 more"),
            "{text}"
        );
    }
}
