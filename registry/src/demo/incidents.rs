//! What happened beside building and promoting: revocations, ways back, and changes of mind.

use super::company::{PRODUCTION, SCANNER, SECURITY};

/// Something that somebody did.
#[derive(Debug)]
pub(super) struct Incident {
    /// How long ago, in hours.
    pub(super) hours: u32,
    /// Who did it.
    pub(super) by: &'static str,
    pub(super) what: What,
}

/// A version, by its bucket and by how many runs came after its own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Of(pub(super) &'static str, pub(super) usize);

/// What was done.
#[derive(Debug)]
pub(super) enum What {
    /// A version was revoked with all that descends from it.
    Revoke(Of, Revoked, &'static str),
    /// That was taken back.
    Restore(Of),
    /// A channel was moved to an older version by hand.
    RollBack(&'static str, Of),
    /// The registry did what a scheduled revocation brings with it when it falls due.
    FallDue,
    /// A bucket got a label, key and value.
    Label(&'static str, &'static str, &'static str),
    /// From then on builds must run these provisioners.
    Enforce(&'static Block),
}

/// A version of an enforced block.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) name: &'static str,
    pub(super) version: &'static str,
    pub(super) content: &'static str,
    /// The buckets that are built with it.
    pub(super) buckets: &'static [&'static str],
}

const AUDIT: Block = Block {
    name: "audit-log",
    version: "1",
    content: "provisioner \"shell\" {\n  inline = [\"sudo systemctl enable auditd\"]\n}\n",
    buckets: &["base-ubuntu-24.04", "base-rocky-9"],
};

const AUDIT_EVERYWHERE: Block = Block {
    version: "2",
    content: "provisioner \"shell\" {\n  inline = [\n    \"sudo systemctl enable auditd\",\n    \"sudo augenrules --load\",\n  ]\n}\n",
    buckets: &[
        "base-ubuntu-24.04",
        "base-ubuntu-22.04",
        "base-debian-12",
        "base-rocky-9",
    ],
    ..AUDIT
};

/// How a version was revoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Revoked {
    /// At once; channels go back.
    Now,
    /// At once; channels stay.
    KeepingChannels,
    /// In so many days.
    InDays(u32),
}

impl Incident {
    /// The version that it is about, if it is about one.
    pub(super) const fn version(&self) -> Option<Of> {
        match self.what {
            What::Revoke(of, ..) | What::Restore(of) | What::RollBack(_, of) => Some(of),
            What::FallDue | What::Label(..) | What::Enforce(_) => None,
        }
    }
}

const DAY: u32 = 24;

const fn incident(hours: u32, by: &'static str, what: What) -> Incident {
    Incident { hours, by, what }
}

/// Everything, in no order.
pub(super) const INCIDENTS: &[Incident] = &[
    incident(140 * DAY, "ana.ribeiro", What::Enforce(&AUDIT)),
    incident(90 * DAY, "ana.ribeiro", What::Enforce(&AUDIT_EVERYWHERE)),
    incident(
        120 * DAY,
        "ana.ribeiro",
        What::Revoke(
            Of("base-alpine-3", 11),
            Revoked::InDays(14),
            "Built from a release that gets no more security updates: rebuild on a newer version",
        ),
    ),
    incident(106 * DAY, "ana.ribeiro", What::FallDue),
    incident(
        75 * DAY,
        SECURITY,
        What::Revoke(
            Of("php-8.4", 3),
            Revoked::Now,
            "CVE-2026-20417 (high): a heap overflow in the image library, reached by uploads",
        ),
    ),
    incident(
        62 * DAY,
        "ana.ribeiro",
        What::Label("base-windows-2022", "lifecycle", "deprecated"),
    ),
    incident(
        61 * DAY,
        "ana.ribeiro",
        What::Label("base-ubuntu-22.04", "lifecycle", "deprecated"),
    ),
    incident(
        45 * DAY,
        "mei.tanaka",
        What::RollBack(PRODUCTION, Of("payments-api", 7)),
    ),
    incident(
        34 * DAY,
        SCANNER,
        What::Revoke(
            Of("python-3.13", 2),
            Revoked::Now,
            "CVE-2026-28811 (critical) reported in a package of this image",
        ),
    ),
    // The scanner had mistaken one package for another.
    incident(34 * DAY - 1, SECURITY, What::Restore(Of("python-3.13", 2))),
    // Two generations below it inherit that, and the channel of one of them goes back.
    incident(
        2 * DAY,
        SECURITY,
        What::Revoke(
            Of("base-rocky-9", 1),
            Revoked::Now,
            "CVE-2026-31004 (critical): remote code execution in openssh-server before 8.7p1-46",
        ),
    ),
    incident(
        12,
        "tom.brandt",
        What::RollBack(PRODUCTION, Of("auth-gateway", 1)),
    ),
    incident(
        6,
        SECURITY,
        What::Revoke(
            Of("base-debian-12", 1),
            Revoked::InDays(3),
            "CVE-2026-31377 (high): kernel before 6.1.158 leaks memory to guests. Rebuild on the next version before the date",
        ),
    ),
    incident(
        5,
        "lena.novak",
        What::Revoke(
            Of("iot-ingest", 0),
            Revoked::Now,
            "Drops one message in a thousand under load: do not use",
        ),
    ),
    incident(
        2,
        SECURITY,
        What::Revoke(
            Of("checkout-web", 0),
            Revoked::KeepingChannels,
            "CVE-2026-31420 (medium): prototype pollution in a bundled parser. Stays in use until the fix is built today",
        ),
    ),
];
