//! Software bills of material of builds.

use serde::{Deserialize, Serialize};

string_enum! {
    /// What an SBOM is written in.
    pub enum SbomFormat {
        /// `CycloneDX`, as JSON.
        #[default]
        CycloneDx = "CYCLONEDX",
        /// SPDX, as JSON.
        Spdx = "SPDX",
    }
}

/// A software bill of material.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sbom {
    /// What it is written in.
    pub format: SbomFormat,
    /// ULID of the SBOM.
    pub id: String,
    /// Its identity within the build.
    pub name: String,
}

body! {
    /// Body of the request that uploads an SBOM.
    pub struct UploadSbomBody {
        /// The document as one zstd frame, in base64.
        pub compressed_sbom: String,
        /// What it is written in.
        pub format: Option<SbomFormat>,
        /// Its identity within the build; empty for a new one.
        pub name: String,
    }
}

/// Answer to the upload of an SBOM.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UploadSbomResponse {
    /// The SBOM.
    pub sbom: Option<Sbom>,
}

/// Answer to a list of the SBOMs of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListSbomsResponse {
    /// The SBOMs.
    pub sboms: Vec<Sbom>,
}

/// Answer to a read of an SBOM.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GetSbomResponse {
    /// Where the document can be read for some minutes, without a token.
    pub download_url: String,
}
