//! Documents that list what is in an image: which format they have, and the form in which they are sent.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use touchmark_client::wire::sbom::SbomFormat;

use super::entry::Entry;
use crate::exit::{Context, Failure, Result};

/// A document that is ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Document {
    /// Made from the name of its file.
    pub(crate) name: String,
    /// What it is written in.
    pub(crate) format: SbomFormat,
    /// zstd and base64.
    pub(crate) compressed: String,
}

/// What tells the formats apart.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "bomFormat")]
    bom_format: Option<String>,
    #[serde(rename = "spdxVersion")]
    spdx_version: Option<String>,
}

impl Document {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is neither CycloneDX nor SPDX in JSON.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read(path).context(|| format!("{} cannot be read", path.display()))?;
        Self::of(&text, path)
    }

    /// Takes what was in a file.
    ///
    /// # Errors
    /// When it is neither CycloneDX nor SPDX in JSON.
    pub(crate) fn of(text: &[u8], path: &Path) -> Result<Self> {
        let shown = path.display();
        let neither = || Failure::plain(format!("{shown} is neither CycloneDX nor SPDX in JSON"));
        let head: Head = serde_json::from_slice(text).map_err(|_| neither())?;
        let format = match (head.bom_format.as_deref(), head.spdx_version) {
            (Some("CycloneDX"), _) => SbomFormat::CycloneDx,
            (_, Some(_)) => SbomFormat::Spdx,
            _ => return Err(neither()),
        };
        let compressed =
            zstd::encode_all(text, 9).context(|| format!("{shown} cannot be packed"))?;
        let compressed = STANDARD.encode(compressed);
        Ok(Self {
            name: name(path),
            format,
            compressed,
        })
    }

    /// What is to be said of it, as a document of this build.
    pub(crate) fn entry(self, component: &str) -> Entry {
        Entry::Sbom {
            component: component.to_owned(),
            name: self.name,
            format: self.format,
            compressed: self.compressed,
        }
    }
}

/// 3 to 36 letters, digits and hyphens, which is what the registry takes.
fn name(path: &Path) -> String {
    let stem = path.file_name().unwrap_or_default().to_string_lossy();
    let stem = stem.trim_end_matches(".json");
    let allowed = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let name: String = stem.chars().map(allowed).take(36).collect();
    if name.len() < 3 {
        format!("sbom-{name}")
    } else {
        name
    }
}

#[cfg(test)]
mod tests {
    use super::name;
    use std::path::Path;

    #[test]
    fn names_are_made_from_file_names() {
        assert_eq!(name(Path::new("out/alpine.cdx.json")), "alpine-cdx");
        assert_eq!(name(Path::new("x")), "sbom-x");
        assert_eq!(
            name(Path::new(&format!("{}.json", "ä".repeat(50)))).len(),
            36
        );
    }
}
