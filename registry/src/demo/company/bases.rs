//! What every other image is built from.

use super::{
    AWS, AWS_AZURE, AZURE_REGIONS, CLOUDS, DATA_CENTERS, Image, Outcome, PROMOTED,
    Packages::{Alpine, Debian, Rocky, Ubuntu},
    Target, WORLD, ZONE, lagging,
    people::BASE_IMAGES as TEAM,
};

const EVERYWHERE: &[Target] = &[
    Target::Aws(WORLD),
    Target::Azure(AZURE_REGIONS),
    Target::Gce(ZONE),
    Target::Vsphere(DATA_CENTERS),
];

pub(super) const IMAGES: &[Image] = &[
    Image::new(
        "base-ubuntu-24.04",
        &TEAM,
        "Ubuntu 24.04 LTS: hardened, with SSH keys from the directory and log shipping",
    )
    .os("ubuntu-24.04", EVERYWHERE)
    .built(180, 14, 12)
    .packages(&[Ubuntu]),
    // It moved on after those that are built from it were built last.
    Image::new(
        "base-ubuntu-22.04",
        &TEAM,
        "Ubuntu 22.04 LTS, for what has not moved to 24.04 yet",
    )
    .os("ubuntu-22.04", AWS_AZURE)
    .built(173, 28, 5)
    .packages(&[Ubuntu]),
    // Its production is about to be revoked, and the newer version is still being tried out.
    Image::new(
        "base-debian-12",
        &TEAM,
        "Debian 12, minimal: what faces the internet is built from this",
    )
    .os("debian-12", CLOUDS)
    .built(169, 14, 1)
    .packages(&[Debian]),
    Image::new(
        "base-rocky-9",
        &TEAM,
        "Rocky Linux 9 with the CIS level 1 profile",
    )
    .os(
        "rocky-9",
        &[
            Target::Aws(WORLD),
            Target::Vsphere(DATA_CENTERS),
            Target::Qemu,
        ],
    )
    .built(180, 14, 12)
    .packages(&[Rocky])
    .outcomes(&[(4, Outcome::Retried)]),
    Image::new(
        "base-amazon-linux-2023",
        &TEAM,
        "Amazon Linux 2023 with our agents, patched every other week",
    )
    .os("al2023", AWS)
    .built(166, 14, 12)
    .packages(&[Rocky]),
    // The newest run failed, so nothing new was completed for a month.
    Image::new(
        "base-windows-2025",
        &TEAM,
        "Windows Server 2025 Datacenter, domain-ready, with WinRM over HTTPS",
    )
    .os("windows-2025", AWS_AZURE)
    .built(152, 30, 2)
    .outcomes(&[(0, Outcome::Failed)]),
    Image::new(
        "base-windows-2022",
        &TEAM,
        "Windows Server 2022; only the reporting machines still use it",
    )
    .os("windows-2022", &[Target::Azure(AZURE_REGIONS)])
    .built(178, 30, 58)
    .channels(&[lagging(0)]),
    Image::new(
        "base-alpine-3",
        &TEAM,
        "Alpine Linux for containers: certificates, time zones, no shell history",
    )
    .os("alpine-3", &[Target::Docker])
    .built(176, 14, 8)
    .channels(PROMOTED)
    .packages(&[Alpine]),
];
