//! People, and the links by which they come in.

use std::sync::Arc;

use touchmark_registry::{
    domain::role::Role,
    ops::{Access, people, principals::Create},
    store::principals::Scope,
    web::invitation_link,
};

use crate::TestServer;

impl TestServer {
    /// A new person with this role on this scope: the path of the link by which they set their password.
    pub async fn invite(&self, name: &str, scope: Scope, role: Role) -> String {
        let create = Create {
            name: name.to_owned(),
            project_id: None,
            scope,
            role,
        };
        let access = Arc::new(Access::system(self.project.clone()));
        let (store, now) = (&self.state.store, self.clock.now());
        let invited = people::create(store, access, create, now).await;
        let (_, secret) = invited.expect("a new person");
        path_of(&invitation_link(&self.state.public_url, &secret))
    }
}

/// The path of a link.
pub(crate) fn path_of(link: &str) -> String {
    let url = reqwest::Url::parse(link).expect("a link");
    url.path().to_owned()
}
