//! Names that say where a thing is: `project/…`, `iam/project/…/service-principal/…`,
//! `packer/project/…/bucket/…`.

use std::fmt;

use super::{id, name};
use crate::error::{Error, Result};

/// What service principals belong to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parent {
    /// `organization/<uuid>`.
    Organization(String),
    /// `project/<uuid>`.
    Project(String),
}

impl fmt::Display for Parent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Organization(id) => write!(f, "organization/{id}"),
            Self::Project(id) => write!(f, "project/{id}"),
        }
    }
}

impl Parent {
    /// Reads `organization/<uuid>` or `project/<uuid>`.
    pub fn parse(field: &'static str, text: &str) -> Result<Self> {
        parent(text)
            .ok_or_else(|| Error::invalid(field, "must be project/<uuid> or organization/<uuid>"))
    }
}

fn parent(text: &str) -> Option<Parent> {
    let (kind, uuid) = text.split_once('/')?;
    id::check_uuid("id", uuid).ok()?;
    match kind {
        "organization" => Some(Parent::Organization(uuid.to_owned())),
        "project" => Some(Parent::Project(uuid.to_owned())),
        _ => None,
    }
}

/// `iam/project/<uuid>/service-principal/<name>`, or with `organization` for `project`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePrincipalName {
    /// What it belongs to.
    pub parent: Parent,
    /// Its name.
    pub name: String,
}

impl fmt::Display for ServicePrincipalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "iam/{}/service-principal/{}", self.parent, self.name)
    }
}

impl ServicePrincipalName {
    /// Reads the name of a service principal.
    pub fn parse(field: &'static str, text: &str) -> Result<Self> {
        let parts = text
            .strip_prefix("iam/")
            .and_then(|rest| rest.split_once("/service-principal/"));
        let found = parts.and_then(|(of, principal)| {
            name::check("name", principal).ok()?;
            Some(Self {
                parent: parent(of)?,
                name: principal.to_owned(),
            })
        });
        found.ok_or_else(|| {
            let form = "must be iam/project/<uuid>/service-principal/<name>, \
                        or with organization for project";
            Error::invalid(field, form)
        })
    }
}

/// `packer/project/<uuid>/bucket/<name>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BucketName {
    /// UUID of its project.
    pub project_id: String,
    /// Its name.
    pub bucket: String,
}

impl BucketName {
    /// Reads the name of a bucket.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for the name of a project or an organization, [`Error::Invalid`] for any
    /// other text.
    pub fn parse(field: &'static str, text: &str) -> Result<Self> {
        if parent(text).is_some() {
            let what = "policies of projects and organizations; roles there are given on the \
                        command line, with touchmark-registry principal";
            return Err(Error::Unsupported(what.into()));
        }
        let parts = text
            .strip_prefix("packer/project/")
            .and_then(|rest| rest.split_once("/bucket/"));
        let found = parts.and_then(|(project_id, bucket)| {
            id::check_uuid("id", project_id).ok()?;
            name::check("name", bucket).ok()?;
            Some(Self {
                project_id: project_id.to_owned(),
                bucket: bucket.to_owned(),
            })
        });
        found.ok_or_else(|| {
            Error::invalid(field, "must be packer/project/<uuid>/bucket/<bucket name>")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

    #[test]
    fn parents_are_projects_and_organizations() {
        for text in [format!("project/{ID}"), format!("organization/{ID}")] {
            assert_eq!(Parent::parse("parent", &text).unwrap().to_string(), text);
        }
        for text in ["", "project", "project/", "project/x", "user/1", ID] {
            assert!(Parent::parse("parent", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_service_principal_is_named_below_its_parent() {
        for of in ["project", "organization"] {
            let text = format!("iam/{of}/{ID}/service-principal/ci");
            let parsed = ServicePrincipalName::parse("name", &text).unwrap();
            assert_eq!(parsed.to_string(), text);
            assert_eq!(parsed.name, "ci");
        }
        for text in [
            format!("iam/project/{ID}/service-principal/"),
            format!("iam/project/{ID}/service-principal/a/b"),
            format!("project/{ID}/service-principal/a"),
            "iam/project/x/service-principal/a".to_owned(),
        ] {
            assert!(
                ServicePrincipalName::parse("name", &text).is_err(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_bucket_is_named_below_its_project() {
        let text = format!("packer/project/{ID}/bucket/alpine");
        let parsed = BucketName::parse("name", &text).unwrap();
        assert_eq!(
            (parsed.project_id.as_str(), parsed.bucket.as_str()),
            (ID, "alpine")
        );
        for text in ["", "packer/project/x/bucket/a", "packer"] {
            let refused = BucketName::parse("name", text);
            assert!(matches!(refused, Err(Error::Invalid { .. })), "{text}");
        }
        let refused = BucketName::parse("name", &format!("project/{ID}"));
        assert!(matches!(refused, Err(Error::Unsupported(_))));
    }
}
