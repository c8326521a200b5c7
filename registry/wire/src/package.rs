//! Packages that SBOMs name.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::pagination::PaginationResponse;
use crate::sbom::Sbom;

/// A package of a build or a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Package {
    /// Empty, but in lists of vulnerabilities.
    pub build_id: String,
    /// Empty, but in lists of vulnerabilities.
    pub build_name: String,
    /// Empty, but in lists of vulnerabilities.
    pub channel_id: String,
    /// Empty, but in lists of vulnerabilities.
    pub channel_name: String,
    /// Its name.
    pub name: String,
    /// Its address across ecosystems, or empty.
    pub purl: String,
    /// The SBOMs that name it.
    pub sboms: Vec<Sbom>,
    /// Its version, or empty.
    pub version: String,
    /// Empty, but in lists of vulnerabilities.
    pub vuln_details: Vec<Value>,
}

/// Answer to a list of the packages of a build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBuildPackagesResponse {
    /// The packages, on this page.
    pub packages: Vec<Package>,
    /// Tokens of the neighbouring pages.
    pub pagination: Option<PaginationResponse>,
}

/// Answer to a list of the packages of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListBucketPackagesResponse {
    /// The packages, on this page.
    pub packages: Vec<Package>,
    /// Tokens of the neighbouring pages.
    pub pagination: Option<PaginationResponse>,
}
