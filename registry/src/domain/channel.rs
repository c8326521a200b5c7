//! Channels: the managed one, update masks, and which version a channel may hold.

use crate::error::{Error, Result};

/// The channel that every bucket has from birth and that the registry itself moves.
pub const LATEST: &str = "latest";

/// The author of what the registry does by itself.
pub const SERVICE_AUTHOR: &str = "touchmark";

/// What an update of a channel asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ChannelChange {
    /// `Some(None)` clears the channel, `Some(Some(fingerprint))` assigns that version.
    pub assign: Option<Option<String>>,
    /// Whether only those who decide may see it.
    pub restricted: Option<bool>,
}

impl ChannelChange {
    /// Reads an update: only masked fields count, and one that is masked but absent takes its zero value.
    ///
    /// # Errors
    /// [`Error::Invalid`] when the mask is missing or names a field that cannot be updated.
    pub fn parse(mask: Option<&str>, fingerprint: &str, restricted: bool) -> Result<Self> {
        let mask = mask.map(str::trim).filter(|mask| !mask.is_empty());
        let mask = mask.ok_or_else(|| {
            Error::invalid(
                "body.update_mask",
                "is required: versionFingerprint, restricted or both",
            )
        })?;
        let mut change = Self::default();
        for path in mask.split(',').map(str::trim) {
            match path {
                "versionFingerprint" | "version_fingerprint" => {
                    change.assign =
                        Some(Some(fingerprint.to_owned()).filter(|text| !text.is_empty()));
                }
                "restricted" => change.restricted = Some(restricted),
                other => {
                    let problem = format!(
                        "{other:?} cannot be updated: versionFingerprint and restricted can"
                    );
                    return Err(Error::invalid("body.update_mask", problem));
                }
            }
        }
        Ok(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_field_that_is_absent_takes_its_zero_value() {
        let change = ChannelChange::parse(Some("versionFingerprint,restricted"), "", false);
        let expected = ChannelChange {
            assign: Some(None),
            restricted: Some(false),
        };
        assert_eq!(change.unwrap(), expected);
    }

    #[test]
    fn an_unmasked_field_is_ignored() {
        let change = ChannelChange::parse(Some("restricted"), "abc", true).unwrap();
        assert_eq!(
            change,
            ChannelChange {
                assign: None,
                restricted: Some(true)
            }
        );
    }

    #[test]
    fn a_missing_or_unknown_mask_is_refused() {
        for mask in [None, Some(""), Some(" "), Some("name"), Some("restricted,")] {
            assert!(ChannelChange::parse(mask, "", false).is_err(), "{mask:?}");
        }
    }
}
