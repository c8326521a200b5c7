//! What people did beside building and promoting.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::Fill;
use crate::{
    demo::{
        incidents::{Block, Incident, Revoked, What},
        plan::Run,
    },
    domain::{
        enforced_block::NewVersion,
        revocation::{Revoke, When},
        version::TemplateType,
    },
    error::{Error, Result},
    ops::{buckets, enforced_blocks, revocations, settlement},
    store,
};

impl Fill<'_> {
    pub(super) async fn incident(
        &mut self,
        incident: &Incident,
        run: Option<Arc<Run>>,
    ) -> Result<()> {
        match (&incident.what, run) {
            (What::Revoke(_, how, message), Some(run)) => {
                let access = self.access(incident.by)?;
                let path = (run.image.name.to_owned(), run.fingerprint());
                let how = revocation(*how, message);
                let revoked = revocations::revoke(self.state, access, path, how);
                revoked.await.map(drop)
            }
            (What::Restore(_), Some(run)) => {
                let access = self.access(incident.by)?;
                let path = (run.image.name.to_owned(), run.fingerprint());
                let restored = revocations::restore(self.state, access, path);
                restored.await.map(drop)
            }
            (What::RollBack(channel, _), Some(run)) => {
                self.assign(&run, channel, incident.by).await
            }
            (What::FallDue, _) => settlement::settle_due(self.state).await.map(drop),
            (What::Label(bucket, key, value), _) => {
                self.label(incident.by, bucket, (key, value)).await
            }
            (What::Enforce(block), _) => self.enforce(incident.by, block).await,
            (what, None) => Err(Error::internal(format!("{what:?} is about no version"))),
        }
    }

    /// Adds a label to those that a bucket has.
    async fn label(
        &mut self,
        who: &str,
        bucket: &'static str,
        (key, value): (&str, &str),
    ) -> Result<()> {
        let access = self.access(who)?;
        let project_id = access.project.id.clone();
        let read = self.state.store.read(move |conn| {
            let bucket = store::buckets::find(conn, &project_id, bucket)?;
            Ok(bucket.labels.pairs().clone())
        });
        let mut labels = read.await?;
        labels.insert(key.to_owned(), value.to_owned());
        let update = buckets::Update {
            labels: Some(labels),
            ..buckets::Update::default()
        };
        let updated = buckets::update(self.state, access, bucket.to_owned(), update);
        updated.await.map(drop)
    }

    /// Adds a version to an enforced block, which is made if it is new, and links it.
    async fn enforce(&mut self, who: &str, block: &'static Block) -> Result<()> {
        let access = self.access(who)?;
        let version = NewVersion {
            label: block.version.to_owned(),
            content: block.content.to_owned(),
            template_type: TemplateType::Hcl2,
            additional_description: String::new(),
        };
        let version = if let Some(id) = self.blocks.get(block.name).cloned() {
            enforced_blocks::create_version(self.state, access.clone(), id, version).await?
        } else {
            let create = enforced_blocks::Create {
                name: block.name.to_owned(),
                labels: BTreeMap::new(),
                version,
            };
            enforced_blocks::create(self.state, access.clone(), create)
                .await?
                .1
        };
        self.blocks.insert(block.name, version.block_id.clone());
        let place = (version.block_id, version.id);
        let buckets = block.buckets.iter().map(|name| (*name).to_owned());
        let linked = enforced_blocks::links::replace(self.state, access, place, buckets.collect());
        linked.await.map(drop)
    }
}

fn revocation(how: Revoked, message: &str) -> Revoke {
    let days = match how {
        Revoked::InDays(days) => days,
        Revoked::Now | Revoked::KeepingChannels => 0,
    };
    Revoke {
        at: When::In(days * Duration::from_hours(24)),
        message: message.to_owned(),
        spare_descendants: false,
        keep_channels: how == Revoked::KeepingChannels,
    }
}
