//! What a run leaves behind on a platform: ids that look like those of clouds.

use super::{
    chance::Chance,
    company::{Outcome, Target},
    plan::Run,
};
use crate::domain::build::NewArtifact;

const SUBSCRIPTION: &str = "5f0d6c1e-8f43-4c57-9a3e-2b7c1d90e6a4";

impl Target {
    /// The platform, as builders call it.
    pub(super) const fn platform(self) -> &'static str {
        match self {
            Self::Aws(_) => "aws",
            Self::Azure(_) => "azure",
            Self::Gce(_) => "gce",
            Self::Vsphere(_) => "vsphere",
            Self::Qemu => "qemu",
            Self::Docker => "docker",
        }
    }

    /// The builder of Packer.
    pub(super) const fn builder(self) -> &'static str {
        match self {
            Self::Aws(_) => "amazon-ebs",
            Self::Azure(_) => "azure-arm",
            Self::Gce(_) => "googlecompute",
            Self::Vsphere(_) => "vsphere-clone",
            Self::Qemu => "qemu",
            Self::Docker => "docker",
        }
    }

    /// The plugin of Packer that has this builder, and its version.
    pub(super) const fn plugin(self) -> (&'static str, &'static str) {
        match self {
            Self::Aws(_) => ("amazon", "1.4.0"),
            Self::Azure(_) => ("azure", "2.4.1"),
            Self::Gce(_) => ("googlecompute", "1.2.3"),
            Self::Vsphere(_) => ("vsphere", "1.4.4"),
            Self::Qemu => ("qemu", "1.1.4"),
            Self::Docker => ("docker", "1.1.2"),
        }
    }

    fn regions(self) -> Vec<&'static str> {
        match self {
            Self::Aws(regions) | Self::Azure(regions) | Self::Vsphere(regions) => regions.to_vec(),
            Self::Gce(zone) => vec![zone],
            Self::Qemu | Self::Docker => vec![self.platform()],
        }
    }
}

/// All that a run makes for one of its targets.
pub(super) fn artifacts(run: &Run, target: Target) -> Vec<NewArtifact> {
    let regions = target.regions().into_iter();
    let made = regions.filter(|region| run.outcome != Some(Outcome::Without(region)));
    let artifact = |region: &str| NewArtifact {
        external_identifier: id(run, target, region),
        region: region.to_owned(),
    };
    made.map(artifact).collect()
}

fn id(run: &Run, target: Target, region: &str) -> String {
    let mut chance = Chance::of(&run.seed(&format!("{}/{region}", target.platform())));
    let name = run.image.name;
    let number = run.number + 1;
    match target {
        Target::Aws(_) => ami(&mut chance),
        Target::Azure(_) => format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/images-{region}/providers/Microsoft.Compute/images/{name}-{number}"
        ),
        Target::Gce(_) => {
            let name = name.replace('.', "-");
            format!("projects/golden-images/global/images/{name}-{number}")
        }
        Target::Vsphere(_) => format!("/{region}/vm/templates/{name}-{number}"),
        Target::Qemu | Target::Docker => format!("sha256:{}", chance.hex(64)),
    }
}

/// All that were made in the last years begin with a zero.
fn ami(chance: &mut Chance) -> String {
    format!("ami-0{}", chance.hex(16))
}

/// The image that a target began with: what the parent made for this platform, or one of the vendor's.
pub(super) fn source(run: &Run, target: Target, parent: Option<&Run>) -> String {
    let parent = parent.and_then(|parent| {
        let same = |of: &Target| of.platform() == target.platform();
        let target = parent.targets().find(same)?;
        artifacts(parent, target).into_iter().next()
    });
    match (parent, target) {
        (Some(artifact), _) => artifact.external_identifier,
        (None, Target::Aws(_)) => {
            // Vendors publish a new one each month.
            let seed = format!("{}/{}", run.image.os, run.number / 2);
            ami(&mut Chance::of(&seed))
        }
        (None, _) => format!("{}-generic-amd64", run.image.os),
    }
}
