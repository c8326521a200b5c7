//! What customers meet.

use super::{
    AUTOMATIC, AWS, AWS_AZURE, AWS_EUROPE, CLOUDS, Channel, Image, Mover, Outcome, PRODUCTION,
    Packages::{Debian, Java, Node, Python, Rocky, Ubuntu},
    STAGING, Target, channel, lagging,
    people::{DATA, PAYMENTS, STOREFRONT},
};

const UBUNTU: &str = "ubuntu-24.04";

/// A tenth of the machines first, seen only by those who decide.
const CANARY: &[Channel] = &[
    channel(STAGING, Mover::Release, 1),
    Channel {
        restricted: true,
        ..channel("canary", Mover::Release, 4)
    },
    channel(PRODUCTION, Mover::Owner, 24),
];

pub(super) const IMAGES: &[Image] = &[
    // The copy to one region failed quietly in the newest run, which was promoted all the same.
    Image::new(
        "payments-api",
        &PAYMENTS,
        "Authorizes and captures payments; PCI scope, change board applies",
    )
    .os(UBUNTU, AWS)
    .from("java-21")
    .built(173, 7, 5)
    .channels(CANARY)
    .packages(&[Ubuntu, Java])
    .outcomes(&[(0, Outcome::Without("eu-west-1")), (9, Outcome::Retried)]),
    Image::new(
        "fraud-scoring",
        &PAYMENTS,
        "Scores each payment before it is authorized, 40 ms budget",
    )
    .os(UBUNTU, AWS_EUROPE)
    .from("python-3.13")
    .built(172, 14, 4)
    .packages(&[Ubuntu, Python]),
    Image::new(
        "ledger-api",
        &PAYMENTS,
        "Double-entry ledger; the source of truth for balances",
    )
    .os("rocky-9", AWS_EUROPE)
    .from("java-17")
    .built(172, 7, 4)
    .packages(&[Rocky, Java]),
    // Not rebuilt since what it is built from was revoked.
    Image::new(
        "ledger-batch",
        &PAYMENTS,
        "Nightly settlement files and the archive of statements",
    )
    .os("rocky-9", AWS_EUROPE)
    .from("java-17")
    .built(172, 14, 18)
    .packages(&[Rocky, Java]),
    // Its newest version is revoked, and told to stay until the next one is there.
    Image::new(
        "checkout-web",
        &STOREFRONT,
        "The checkout that customers see, server-rendered",
    )
    .os(UBUNTU, AWS_AZURE)
    .from("node-22")
    .built(173, 5, 3)
    .channels(CANARY)
    .packages(&[Ubuntu, Node]),
    Image::new(
        "catalog-api",
        &STOREFRONT,
        "Products, prices and stock, read by every page",
    )
    .os(UBUNTU, AWS)
    .from("node-22")
    .built(171, 7, 3)
    .packages(&[Ubuntu, Node])
    .outcomes(&[(3, Outcome::Failed)]),
    // What it is built from will be revoked in some days.
    Image::new(
        "edge-proxy",
        &STOREFRONT,
        "Terminates TLS, rate limits, routes to regions",
    )
    .os("debian-12", CLOUDS)
    .from("base-debian-12")
    .built(165, 7, 4)
    .channels(CANARY)
    .packages(&[Debian]),
    // Promoted yesterday, and taken back within hours.
    Image::new(
        "auth-gateway",
        &STOREFRONT,
        "Sign-in, sessions and tokens of customers",
    )
    .os(UBUNTU, AWS_AZURE)
    .from("java-21")
    .built(170, 7, 2)
    .channels(CANARY)
    .packages(&[Ubuntu, Java]),
    // Nobody has promoted the newest three.
    Image::new(
        "search-indexer",
        &STOREFRONT,
        "Builds the search index from the catalog, every night",
    )
    .os(UBUNTU, AWS)
    .from("python-3.13")
    .built(171, 10, 1)
    .channels(&[channel(STAGING, Mover::Release, 1), lagging(3)])
    .packages(&[Ubuntu, Python]),
    Image::new(
        "media-transcoder",
        &STOREFRONT,
        "Thumbnails and product videos; wants ffmpeg of 22.04",
    )
    .os("ubuntu-22.04", AWS)
    .from("base-ubuntu-22.04")
    .built(162, 14, 8)
    .packages(&[Ubuntu]),
    Image::new(
        "legacy-billing",
        &PAYMENTS,
        "Invoices of contracts from before 2021, until they end",
    )
    .os("ubuntu-22.04", AWS_EUROPE)
    .from("base-ubuntu-22.04")
    .built(166, 42, 40)
    .channels(&[lagging(0)]),
    Image::new(
        "notification-worker",
        &STOREFRONT,
        "Mails, text messages and push, with retries",
    )
    .os(UBUNTU, AWS_EUROPE)
    .from("node-22")
    .built(170, 14, 2)
    .channels(AUTOMATIC)
    .packages(&[Ubuntu, Node]),
    // The newest version was revoked, and production went back by itself.
    Image::new(
        "iot-ingest",
        &DATA,
        "Takes in what the lockers in the shops measure",
    )
    .os(UBUNTU, CLOUDS)
    .from("python-3.13")
    .built(100, 7, 2)
    .packages(&[Ubuntu, Python]),
    // Two attempts, and nothing to show for them yet.
    Image::new(
        "ml-inference",
        &DATA,
        "Serves the recommendation models; new, still being set up",
    )
    .os(UBUNTU, &[Target::Aws(&["eu-central-1"])])
    .from("gpu-cuda-12")
    .built(3, 2, 1)
    .channels(&[])
    .outcomes(&[(1, Outcome::Failed), (0, Outcome::Cancelled)]),
];
