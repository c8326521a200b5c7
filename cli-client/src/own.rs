//! Our own face, `/api/v1`: from channels to artifacts, who the caller is, events, packages, revocations, principals,
//! projects.

use std::collections::BTreeMap;

use crate::{Client, Error, Method, PackageFilter, PackagePlace};
use touchmark_wire::{
    own::{
        ChangePrincipalBody, CreatePrincipalBody, CreateProjectBody, Deleted, EventList, GrantBody,
        NewSecret, OrganizationList, PackageList, PrincipalAnswer, PrincipalList, ProjectAnswer,
        ProjectList, Resolved, RotateBody, ScopeKind, WhoAmI,
    },
    paths,
    revocation::{RevocationAnswer, RevocationBody},
    sbom::{UploadSbomBody, UploadSbomResponse},
};

/// The calls of our own face.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a>(&'a Client);

/// Which events are wanted; empty for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EventFilter {
    /// The project, by id or name; the caller's only one if empty.
    pub project: String,
    /// Only of this bucket, by name, or by id when it is gone.
    pub bucket: String,
    /// Only about this kind of resource.
    pub resource_kind: String,
    /// Only about the resource of this id or name.
    pub resource: String,
    /// Only by the principal of this id or name.
    pub actor: String,
    /// Only this action.
    pub action: String,
    /// Not before this moment, in RFC 3339.
    pub since: String,
    /// Before this moment, in RFC 3339.
    pub until: String,
    /// Only behind this place in the log.
    pub after: Option<i64>,
    /// `oldest` for the oldest first.
    pub order: String,
}

/// Which artifact is wanted; empty for any.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResolveQuery {
    /// The project, by id or name; the caller's only one if empty.
    pub project: String,
    /// The platform of its build.
    pub platform: String,
    /// Its region.
    pub region: String,
    /// What its build builds.
    pub component_type: String,
    /// Labels that its build has, among others.
    pub labels: BTreeMap<String, String>,
    /// What the channel gave at this moment, in RFC 3339; what it gives now if empty.
    pub at: String,
    /// Whether a version that is revoked will do.
    pub allow_revoked: bool,
}

impl ResolveQuery {
    /// The path with the parameters that say something.
    fn behind(&self, path: &str) -> String {
        let allowed = if self.allow_revoked { "true" } else { "" };
        let fields = [
            ("project", self.project.as_str()),
            ("platform", &self.platform),
            ("region", &self.region),
            ("component_type", &self.component_type),
            ("at", &self.at),
            ("allow_revoked", allowed),
        ];
        let labels = self.labels.iter();
        let labels: Vec<_> = labels
            .map(|(key, value)| (format!("label.{key}"), value.as_str()))
            .collect();
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let labels = labels.iter().map(|(name, value)| (name.as_str(), *value));
        paths::with_query(path, fields.chain(labels))
    }
}

/// Which part of a list is wanted; the default is its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// Entries at most; the registry decides if not set.
    pub size: Option<u32>,
    /// Where to go on, from the answer before; empty for the beginning.
    pub token: String,
}

impl Part {
    fn query(&self) -> Vec<(&'static str, String)> {
        let size = self.size.map(|size| size.to_string()).unwrap_or_default();
        sent([("page_size", size), ("page_token", self.token.clone())])
    }
}

/// The parameters that say something.
fn sent<const N: usize>(pairs: [(&'static str, String); N]) -> Vec<(&'static str, String)> {
    let pairs = pairs.into_iter();
    pairs.filter(|(_, value)| !value.is_empty()).collect()
}

impl Client {
    /// The calls of our own face.
    pub const fn own(&self) -> Own<'_> {
        Own(self)
    }
}

impl Own<'_> {
    /// Tells who the caller is and what it may do.
    pub async fn whoami(&self) -> Result<WhoAmI, Error> {
        self.0.get(paths::WHOAMI).await
    }

    /// Finds the one artifact that a channel gives. Refusals have details: `ResolveMiss`, `ResolveAmbiguous`
    /// and `ResolveRevoked`.
    pub async fn resolve(
        &self,
        (bucket, channel): (&str, &str),
        query: &ResolveQuery,
    ) -> Result<Resolved, Error> {
        let path = query.behind(&paths::own_resolve(bucket, channel));
        self.0.get(&path).await
    }

    /// Lists what happened.
    pub async fn events(&self, filter: &EventFilter, part: &Part) -> Result<EventList, Error> {
        let after = filter.after.map(|place| place.to_string());
        let mut query = sent([
            ("project", filter.project.clone()),
            ("bucket", filter.bucket.clone()),
            ("resource_kind", filter.resource_kind.clone()),
            ("resource", filter.resource.clone()),
            ("actor", filter.actor.clone()),
            ("action", filter.action.clone()),
            ("since", filter.since.clone()),
            ("until", filter.until.clone()),
            ("after", after.unwrap_or_default()),
            ("order", filter.order.clone()),
        ]);
        query.extend(part.query());
        self.0.get_with(paths::EVENTS, &query).await
    }

    /// Lists which versions of which buckets contain packages.
    pub async fn packages(
        &self,
        (project, place): (&str, &PackagePlace),
        filter: &PackageFilter,
        part: &Part,
    ) -> Result<PackageList, Error> {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut query = sent([
            ("project", project.to_owned()),
            ("bucket", text(&place.bucket)),
            ("version", text(&place.version)),
            ("name", text(&filter.name)),
            ("name_starts_with", text(&filter.name_starts_with)),
            ("package_version", text(&filter.version)),
        ]);
        query.extend(part.query());
        self.0.get_with(paths::PACKAGES, &query).await
    }

    /// Uploads an SBOM of a build by bucket, fingerprint and id, whether the build is done or not.
    pub async fn upload_sbom(
        &self,
        project: &str,
        (bucket, fingerprint, build_id): (&str, &str, &str),
        body: &UploadSbomBody,
    ) -> Result<UploadSbomResponse, Error> {
        let path = paths::own_sboms(bucket, fingerprint, build_id);
        let query = sent([("project", project.to_owned())]);
        self.0.write(Method::PUT, &path, &query, body).await
    }

    /// Tells what the revocation of many versions would touch, in the project of this id or name, or the caller's
    /// only one when it is empty.
    pub async fn preview_revocation(
        &self,
        project: &str,
        body: &RevocationBody,
    ) -> Result<RevocationAnswer, Error> {
        let query = sent([("project", project.to_owned())]);
        let path = paths::REVOCATIONS_PREVIEW;
        self.0.write(Method::POST, path, &query, body).await
    }

    /// Revokes many versions, all or none; with the digest of a preview only if that is what it will touch.
    pub async fn revoke_many(
        &self,
        project: &str,
        body: &RevocationBody,
    ) -> Result<RevocationAnswer, Error> {
        let query = sent([("project", project.to_owned())]);
        let path = paths::REVOCATIONS;
        self.0.write(Method::POST, path, &query, body).await
    }

    /// Lists principals: of a project, or all that the caller manages when it is empty.
    pub async fn principals(&self, project: &str, part: &Part) -> Result<PrincipalList, Error> {
        let mut query = sent([("project", project.to_owned())]);
        query.extend(part.query());
        self.0.get_with(paths::OWN_PRINCIPALS, &query).await
    }

    /// Creates a principal; the secret is in the answer, and nowhere else.
    pub async fn create_principal(&self, body: &CreatePrincipalBody) -> Result<NewSecret, Error> {
        self.0.post(paths::OWN_PRINCIPALS, body).await
    }

    /// Shows a principal.
    pub async fn principal(&self, name: &str) -> Result<PrincipalAnswer, Error> {
        self.0.get(&paths::own_principal(name)).await
    }

    /// Shuts a principal out, or lets it in again.
    pub async fn change_principal(
        &self,
        name: &str,
        body: &ChangePrincipalBody,
    ) -> Result<PrincipalAnswer, Error> {
        self.0.patch(&paths::own_principal(name), body).await
    }

    /// Deletes a principal.
    pub async fn delete_principal(&self, name: &str) -> Result<Deleted, Error> {
        self.0.delete(&paths::own_principal(name), &[]).await
    }

    /// Makes a new secret for a principal; it is in the answer, and nowhere else.
    pub async fn rotate_secret(&self, name: &str, body: &RotateBody) -> Result<NewSecret, Error> {
        self.0.post(&paths::own_secrets(name), body).await
    }

    /// Ends a secret.
    pub async fn delete_secret(&self, name: &str, id: &str) -> Result<PrincipalAnswer, Error> {
        self.0.delete(&paths::own_secret(name, id), &[]).await
    }

    /// Gives a role.
    pub async fn grant_role(&self, name: &str, body: &GrantBody) -> Result<PrincipalAnswer, Error> {
        self.0.put(&paths::own_roles(name), body).await
    }

    /// Takes a role away: on the organization, or on a project, by id or name or the only one when empty.
    pub async fn revoke_role(
        &self,
        name: &str,
        (scope, project): (ScopeKind, &str),
    ) -> Result<PrincipalAnswer, Error> {
        let scope = scope.to_string();
        let query = sent([("scope", scope), ("project", project.to_owned())]);
        self.0.delete(&paths::own_roles(name), &query).await
    }

    /// Lists the projects that the caller reaches.
    pub async fn projects(&self, part: &Part) -> Result<ProjectList, Error> {
        self.0.get_with(paths::OWN_PROJECTS, &part.query()).await
    }

    /// Creates a project.
    pub async fn create_project(&self, body: &CreateProjectBody) -> Result<ProjectAnswer, Error> {
        self.0.post(paths::OWN_PROJECTS, body).await
    }

    /// Deletes a project, by name or id.
    pub async fn delete_project(&self, project: &str) -> Result<Deleted, Error> {
        self.0.delete(&paths::own_project(project), &[]).await
    }

    /// Lists the organizations that the caller may see, which is its own.
    pub async fn organizations(&self) -> Result<OrganizationList, Error> {
        self.0.get(paths::OWN_ORGANIZATIONS).await
    }
}
