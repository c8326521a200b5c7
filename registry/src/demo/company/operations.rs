//! Databases, runners, and what keeps the rest going.

use super::{
    AUTOMATIC, AWS, AWS_AZURE, AWS_EUROPE, CLOUDS, DATA_CENTERS, Image, Mover, Outcome,
    Packages::{Debian, Rocky, Ubuntu},
    STAGING, Target, channel, lagging,
    people::{DATA, OPERATIONS as TEAM},
};

const UBUNTU: &str = "ubuntu-24.04";

pub(super) const IMAGES: &[Image] = &[
    Image::new(
        "postgres-17",
        &DATA,
        "PostgreSQL 17 with pgbackrest, huge pages and our extensions",
    )
    .os(UBUNTU, AWS_EUROPE)
    .from("base-ubuntu-24.04")
    .built(174, 28, 6)
    .packages(&[Ubuntu]),
    Image::new("valkey-8", &DATA, "Valkey 8, cluster mode, TLS only")
        .os(UBUNTU, AWS_EUROPE)
        .from("base-ubuntu-24.04")
        .built(174, 42, 6)
        .packages(&[Ubuntu]),
    Image::new("kafka-4", &DATA, "Kafka 4 in KRaft mode, tiered storage on")
        .os(UBUNTU, AWS_EUROPE)
        .from("java-21")
        .built(173, 28, 5)
        .packages(&[Ubuntu])
        .outcomes(&[(1, Outcome::Retried)]),
    // Whoever promoted it has left the team.
    Image::new(
        "opensearch-3",
        &DATA,
        "OpenSearch 3 for logs and the catalog, hot and warm nodes",
    )
    .os(UBUNTU, AWS_EUROPE)
    .from("java-21")
    .built(173, 21, 5)
    .channels(&[channel(STAGING, Mover::Release, 1), lagging(5)])
    .packages(&[Ubuntu]),
    // One run begins every night, and this one has just begun.
    Image::new(
        "ci-runner-linux",
        &TEAM,
        "Runner of pipelines: buildx, Packer, Terraform, warm caches",
    )
    .os(UBUNTU, CLOUDS)
    .from("docker-host")
    .built(174, 6, 0)
    .channels(AUTOMATIC)
    .packages(&[Ubuntu])
    .outcomes(&[
        (0, Outcome::Running),
        (5, Outcome::Failed),
        (11, Outcome::Cancelled),
    ]),
    Image::new(
        "ci-runner-windows",
        &TEAM,
        "Runner of pipelines: Visual Studio Build Tools 2022, signing by HSM",
    )
    .os("windows-2025", &[Target::Azure(&["westeurope"])])
    .from("base-windows-2025")
    .built(149, 30, 29),
    Image::new(
        "bastion",
        &TEAM,
        "The only way in: SSH with recorded sessions and hardware keys",
    )
    .os("debian-12", AWS_AZURE)
    .from("base-debian-12")
    .built(146, 28, 6)
    .packages(&[Debian]),
    // Nobody has built it for months.
    Image::new(
        "vpn-gateway",
        &TEAM,
        "WireGuard concentrator for offices and shops",
    )
    .os("debian-12", AWS_EUROPE)
    .from("base-debian-12")
    .built(152, 28, 96)
    .channels(&[lagging(0)])
    .packages(&[Debian]),
    // One of its platforms is missing in the newest version.
    Image::new(
        "log-collector",
        &TEAM,
        "Takes logs from everywhere and drops what must not be kept",
    )
    .os(UBUNTU, AWS_AZURE)
    .from("base-ubuntu-24.04")
    .built(173, 14, 5)
    .packages(&[Ubuntu])
    .outcomes(&[(0, Outcome::Without("azure"))]),
    Image::new(
        "metrics-store",
        &TEAM,
        "Time series of all machines, thirteen months",
    )
    .os(UBUNTU, AWS)
    .from("base-ubuntu-24.04")
    .built(173, 28, 5)
    .packages(&[Ubuntu]),
    Image::new(
        "appliance-backup",
        &TEAM,
        "Virtual appliance for the shops: takes the nightly backup of the tills",
    )
    .os("rocky-9", &[Target::Vsphere(DATA_CENTERS), Target::Qemu])
    .from("base-rocky-9")
    .built(178, 56, 10)
    .packages(&[Rocky]),
    Image::new(
        "developer-workstation",
        &TEAM,
        "Desktop for those who build: editors, emulators, company settings",
    )
    .os("windows-2025", &[Target::Vsphere(&["fra1"])])
    .from("base-windows-2025")
    .built(119, 30, 28)
    .channels(AUTOMATIC),
    // Made yesterday: nothing was built in it yet.
    Image::new(
        "feature-store",
        &DATA,
        "Features for the recommendation models; the template is in review",
    )
    .os(UBUNTU, AWS)
    .channels(&[]),
];
