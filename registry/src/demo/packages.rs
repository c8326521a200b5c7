//! What is in an image: bills of material in `CycloneDX`, a few dozen packages each.

use serde_json::{Value, json};

use super::{company::Packages, plan::Run};
use crate::{
    domain::sbom::{Document, Format},
    error::{Error, Result},
};

/// A document with the packages of an image as this run has built it; `None` when nobody writes one for it.
pub(super) fn document(run: &Run) -> Result<Option<Document>> {
    let components: Vec<Value> = run
        .image
        .packages
        .iter()
        .flat_map(|packages| packages.components(run.number))
        .collect();
    if components.is_empty() {
        return Ok(None);
    }
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": { "type": "operating-system", "name": run.image.name } },
        "components": components,
    });
    let json = document.to_string();
    let frame = zstd::encode_all(json.as_bytes(), 1).map_err(Error::internal)?;
    Document::read(Format::CycloneDx, &frame).map(Some)
}

impl Packages {
    fn components(self, run: u32) -> impl Iterator<Item = Value> {
        let (purl, all) = self.table();
        let all = all.iter().zip(0_u32..);
        all.map(move |((name, version), place)| {
            // Each is updated once in a while, but not all at once.
            let version = version.replace('#', &(1 + (run + place % 5) / 5).to_string());
            json!({
                "type": if self.is_library() { "library" } else { "application" },
                "name": name.rsplit('/').next().unwrap_or(name),
                "version": version,
                "purl": format!("pkg:{purl}/{name}@{version}"),
            })
        })
    }

    const fn is_library(self) -> bool {
        matches!(self, Self::Java | Self::Node | Self::Python)
    }

    /// The beginning of addresses, and names with versions; `#` goes up with the runs.
    const fn table(self) -> (&'static str, &'static [(&'static str, &'static str)]) {
        match self {
            Self::Ubuntu => ("deb/ubuntu", UBUNTU),
            Self::Debian => ("deb/debian", DEBIAN),
            Self::Rocky => ("rpm/rocky", ROCKY),
            Self::Alpine => ("apk/alpine", ALPINE),
            Self::Java => ("maven", JAVA),
            Self::Node => ("npm", NODE),
            Self::Python => ("pypi", PYTHON),
        }
    }
}

const UBUNTU: &[(&str, &str)] = &[
    ("apt", "2.8.#"),
    ("base-files", "13ubuntu10.#"),
    ("bash", "5.2.21-2ubuntu4"),
    ("ca-certificates", "2025060#"),
    ("chrony", "4.5-1ubuntu4.#"),
    ("coreutils", "9.4-3ubuntu6.#"),
    ("curl", "8.5.0-2ubuntu10.#"),
    ("dpkg", "1.22.6ubuntu6.#"),
    ("gnupg", "2.4.4-2ubuntu17.#"),
    ("libc6", "2.39-0ubuntu8.#"),
    ("libgnutls30t64", "3.8.3-1.1ubuntu3.#"),
    ("libpam-modules", "1.5.3-5ubuntu5.#"),
    ("libsqlite3-0", "3.45.1-1ubuntu2.#"),
    ("libssl3t64", "3.0.13-0ubuntu3.#"),
    ("libsystemd0", "255.4-1ubuntu8.#"),
    ("libxml2", "2.9.14+dfsg-1.3ubuntu3.#"),
    ("linux-image-generic", "6.8.0-7#.70"),
    ("openssh-server", "1:9.6p1-3ubuntu13.#"),
    ("openssl", "3.0.13-0ubuntu3.#"),
    ("perl-base", "5.38.2-3.2ubuntu0.#"),
    ("python3.12-minimal", "3.12.3-1ubuntu0.#"),
    ("rsyslog", "8.2312.0-3ubuntu9.#"),
    ("sudo", "1.9.15p5-3ubuntu5.24.04.#"),
    ("systemd", "255.4-1ubuntu8.#"),
    ("tar", "1.35+dfsg-3ubuntu0.#"),
    ("tzdata", "2025b-0ubuntu0.24.04.#"),
    ("unattended-upgrades", "2.9.1+nmu4ubuntu#"),
    ("xz-utils", "5.6.1+really5.4.5-1ubuntu0.#"),
    ("zlib1g", "1:1.3.dfsg-3.1ubuntu2.#"),
];

const DEBIAN: &[(&str, &str)] = &[
    ("apt", "2.6.#"),
    ("bash", "5.2.15-2+b#"),
    ("ca-certificates", "20230311+deb12u#"),
    ("coreutils", "9.1-1"),
    ("curl", "7.88.1-10+deb12u1#"),
    ("dpkg", "1.21.22"),
    ("libc6", "2.36-9+deb12u1#"),
    ("libgnutls30", "3.7.9-2+deb12u#"),
    ("libssl3", "3.0.17-1~deb12u#"),
    ("libsystemd0", "252.38-1~deb12u#"),
    ("linux-image-amd64", "6.1.14#-1"),
    ("nftables", "1.0.6-2+deb12u#"),
    ("openssh-server", "1:9.2p1-2+deb12u#"),
    ("openssl", "3.0.17-1~deb12u#"),
    ("perl-base", "5.36.0-7+deb12u#"),
    ("sudo", "1.9.13p3-1+deb12u#"),
    ("systemd", "252.38-1~deb12u#"),
    ("tzdata", "2025b-0+deb12u#"),
    ("xz-utils", "5.4.1-1"),
    ("zlib1g", "1:1.2.13.dfsg-1"),
];

const ROCKY: &[(&str, &str)] = &[
    ("bash", "5.1.8-9.el9"),
    ("ca-certificates", "2024.2.69_v8.0.303-91.#.el9"),
    ("chrony", "4.6.1-1.el9_#"),
    ("coreutils", "8.32-39.el9"),
    ("curl", "7.76.1-31.el9_#"),
    ("glibc", "2.34-168.el9_6.#"),
    ("gnutls", "3.8.3-6.el9_#"),
    ("kernel", "5.14.0-570.2#.1.el9_6"),
    ("libxml2", "2.9.13-9.el9_#"),
    ("openssh-server", "8.7p1-4#.el9"),
    ("openssl", "3.2.2-6.el9_5.#"),
    ("pam", "1.5.1-2#.el9"),
    ("rpm", "4.16.1.3-37.el9"),
    ("selinux-policy", "38.1.5#-1.el9"),
    ("sqlite-libs", "3.34.1-#.el9"),
    ("sudo", "1.9.5p2-10.el9_#"),
    ("systemd", "252-51.el9_6.#"),
    ("tzdata", "2025b-#.el9"),
    ("xz", "5.2.5-8.el9"),
    ("zlib", "1.2.11-40.el9"),
];

const ALPINE: &[(&str, &str)] = &[
    ("alpine-baselayout", "3.7.0-r#"),
    ("apk-tools", "2.14.9-r#"),
    ("busybox", "1.37.0-r1#"),
    ("ca-certificates", "20250911-r#"),
    ("libcrypto3", "3.5.#-r0"),
    ("libssl3", "3.5.#-r0"),
    ("musl", "1.2.5-r1#"),
    ("ssl_client", "1.37.0-r1#"),
    ("tzdata", "2025b-r#"),
    ("zlib", "1.3.1-r#"),
];

const JAVA: &[(&str, &str)] = &[
    ("ch.qos.logback/logback-classic", "1.5.1#"),
    ("com.fasterxml.jackson.core/jackson-databind", "2.19.#"),
    ("com.zaxxer/HikariCP", "6.3.#"),
    ("io.micrometer/micrometer-core", "1.15.#"),
    ("io.netty/netty-handler", "4.1.12#.Final"),
    ("org.apache.commons/commons-lang3", "3.1#.0"),
    ("org.apache.logging.log4j/log4j-api", "2.25.#"),
    ("org.apache.tomcat.embed/tomcat-embed-core", "10.1.4#"),
    ("org.postgresql/postgresql", "42.7.#"),
    ("org.springframework/spring-core", "6.2.#"),
    ("org.springframework.boot/spring-boot", "3.5.#"),
    ("org.yaml/snakeyaml", "2.#"),
];

const NODE: &[(&str, &str)] = &[
    ("axios", "1.12.#"),
    ("body-parser", "2.2.#"),
    ("dotenv", "17.2.#"),
    ("express", "5.1.#"),
    ("jsonwebtoken", "9.0.#"),
    ("lodash", "4.17.21"),
    ("pino", "9.1#.0"),
    ("qs", "6.14.#"),
    ("semver", "7.7.#"),
    ("undici", "7.1#.0"),
    ("ws", "8.18.#"),
    ("zod", "4.1.#"),
];

const PYTHON: &[(&str, &str)] = &[
    ("certifi", "2025.8.#"),
    ("cryptography", "45.0.#"),
    ("fastapi", "0.11#.0"),
    ("jinja2", "3.1.#"),
    ("numpy", "2.3.#"),
    ("pandas", "2.3.#"),
    ("pydantic", "2.11.#"),
    ("requests", "2.32.#"),
    ("setuptools", "80.#.0"),
    ("sqlalchemy", "2.0.4#"),
    ("urllib3", "2.5.#"),
    ("uvicorn", "0.35.#"),
];
