//! Packages that SBOMs name.

use crate::{Client, Error, Page};
use touchmark_wire::package::{ListBucketPackagesResponse, ListBuildPackagesResponse};

/// Which packages a call asks for; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackageFilter {
    /// The name, exactly.
    pub name: Option<String>,
    /// How the name begins.
    pub name_starts_with: Option<String>,
    /// The version, exactly.
    pub version: Option<String>,
}

impl PackageFilter {
    fn query(&self, page: &Page) -> Vec<(&'static str, String)> {
        let mut query = page.query();
        let mut add = |name, value: &Option<String>| {
            query.extend(value.clone().map(|value| (name, value)));
        };
        add("package_name", &self.name);
        add("package_name_starts_with", &self.name_starts_with);
        add("package_version", &self.version);
        query
    }
}

/// Where a call looks for packages; the default is the whole project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PackagePlace {
    /// In this bucket.
    pub bucket: Option<String>,
    /// In the version of that with this fingerprint.
    pub version: Option<String>,
}

impl Client {
    /// Lists the packages of a build.
    pub async fn list_build_packages(
        &self,
        (bucket, fingerprint, build_id): (&str, &str, &str),
        filter: &PackageFilter,
        page: &Page,
    ) -> Result<ListBuildPackagesResponse, Error> {
        let path = self.scope()?.build_packages(bucket, fingerprint, build_id);
        self.get_with(&path, &filter.query(page)).await
    }

    /// Lists the packages of a bucket.
    pub async fn list_bucket_packages(
        &self,
        bucket: &str,
        filter: &PackageFilter,
        page: &Page,
    ) -> Result<ListBucketPackagesResponse, Error> {
        let path = self.scope()?.bucket_packages(bucket);
        self.get_with(&path, &filter.query(page)).await
    }
}
