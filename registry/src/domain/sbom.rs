//! Software bills of material: what may be uploaded, and which packages are read from it. How they are
//! packed is in `frame`, what they say in `document`.

mod document;
mod frame;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::error::{Error, Result};

pub use frame::Expansion;

/// The field that everything wrong with a document is said of.
const FIELD: &str = "body.compressed_sbom";

/// What an SBOM is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Format {
    /// `CycloneDX` 1.x as JSON.
    CycloneDx,
    /// SPDX 2.x as JSON.
    Spdx,
}

impl Format {
    /// As it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CycloneDx => "CYCLONEDX",
            Self::Spdx => "SPDX",
        }
    }
}

impl TryFrom<String> for Format {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        [Self::CycloneDx, Self::Spdx]
            .into_iter()
            .find(|format| format.as_str() == text)
            .ok_or_else(|| Error::internal(format!("unknown SBOM format {text} in the database")))
    }
}

/// What a build that is done takes. The same document under the same name is no change, and always taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhenDone {
    /// Nothing.
    Nothing,
    /// Documents under names that it has not.
    NewNames,
}

/// A package that a document names. What it does not say is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version, as the document writes it.
    pub version: String,
    /// Its address across ecosystems, such as `pkg:deb/debian/zlib1g@1.3`.
    pub purl: String,
}

/// An SBOM that was read and found good.
#[derive(Debug)]
pub struct Document {
    /// SHA-256 of the JSON, in hexadecimal.
    pub digest: String,
    /// What it is written in.
    pub format: Format,
    /// Bytes of the JSON.
    pub size: i64,
    /// The JSON as one zstd frame.
    pub compressed: Vec<u8>,
    /// Its packages, each once, in order.
    pub packages: Vec<Package>,
}

impl Document {
    /// Reads what was uploaded: one zstd frame of a JSON document of this format. Takes seconds for the
    /// largest.
    ///
    /// # Errors
    /// [`Error::Invalid`], saying what is wrong with it.
    pub fn read(format: Format, compressed: &[u8]) -> Result<Self> {
        let wrong = |problem: String| Error::invalid(FIELD, problem);
        let json = frame::expand(compressed).map_err(|problem| wrong(problem.into()))?;
        let packages = document::packages(format, &json).map_err(wrong)?;
        Ok(Self {
            digest: format!("{:x}", Sha256::digest(&json)),
            format,
            size: i64::try_from(json.len()).map_err(Error::internal)?,
            compressed: frame::pack(&json).map_err(Error::internal)?,
            packages,
        })
    }
}

/// Refuses what cannot name an SBOM: 3 to 36 letters, digits and `-`.
pub fn check_name(field: &'static str, name: &str) -> Result<()> {
    let good = (3..=36).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if good {
        return Ok(());
    }
    Err(Error::invalid(
        field,
        "must be 3 to 36 letters, digits or '-'",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_to_the_rule() {
        for good in ["abc", "0-A", "---", &"x".repeat(36)] {
            assert!(check_name("body.name", good).is_ok(), "{good}");
        }
        for bad in ["", "ab", "a_b", "a.b", "a/b", "äbc", &"x".repeat(37)] {
            assert!(check_name("body.name", bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_document_comes_out_of_its_frame_as_it_went_in() {
        let json = br#"{"bomFormat":"CycloneDX","specVersion":"1.6", "x": "a\u00e4"}"#;
        let packed = frame::pack(json).unwrap();
        let document = Document::read(Format::CycloneDx, &packed).unwrap();
        assert_eq!((document.size, document.packages.len()), (61, 0));
        let mut expansion = Expansion::new(document.compressed).unwrap();
        let mut out = Vec::new();
        while let Some(part) = expansion.part(7).unwrap() {
            out.extend_from_slice(&part);
        }
        assert_eq!(out, json);
    }

    #[test]
    fn anything_but_one_whole_frame_is_refused() {
        let packed = frame::pack(br#"{"bomFormat":"CycloneDX","specVersion":"1.6"}"#).unwrap();
        let twice = [packed.as_slice(), packed.as_slice()].concat();
        let junk = [packed.as_slice(), b"x"].concat();
        let skippable = [b"\x50\x2a\x4d\x18\x01\x00\x00\x00x".as_slice(), &packed].concat();
        for bad in [
            b"".as_slice(),
            b"{}",
            &packed[..9],
            &twice,
            &junk,
            &skippable,
        ] {
            let error = Document::read(Format::CycloneDx, bad).unwrap_err();
            let text = error.to_string();
            assert!(text.starts_with("body.compressed_sbom: "), "{text}");
        }
    }

    #[test]
    fn a_few_bytes_do_not_expand_beyond_the_limit() {
        // Blocks of 128 KiB of the same byte, of four bytes each: 256 MiB and a byte.
        let mut bomb = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38];
        for _ in 0..2_048 {
            bomb.extend_from_slice(&[0x02, 0x00, 0x10, b' ']);
        }
        bomb.extend_from_slice(&[0x0B, 0x00, 0x00, b' ']);
        let error = Document::read(Format::Spdx, &bomb).unwrap_err();
        assert!(error.to_string().contains("268435456 bytes"), "{error}");
    }
}
