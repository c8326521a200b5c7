//! Languages and clusters: what applications are built from.

use super::{
    AUTOMATIC, AWS, AWS_AZURE, AWS_EUROPE, CLOUDS, Image, Outcome,
    Packages::{Alpine, Debian, Java, Node, Python, Rocky, Ubuntu},
    Target,
    people::PLATFORM as TEAM,
};

const UBUNTU: &str = "ubuntu-24.04";

pub(super) const IMAGES: &[Image] = &[
    Image::new(
        "java-21",
        &TEAM,
        "OpenJDK 21 with our trust store, JMX off, flight recorder on",
    )
    .os(UBUNTU, CLOUDS)
    .from("base-ubuntu-24.04")
    .built(177, 14, 9)
    .packages(&[Ubuntu, Java]),
    Image::new(
        "java-17",
        &TEAM,
        "OpenJDK 17 on Rocky Linux, for the ledger and its batches",
    )
    .os("rocky-9", AWS_EUROPE)
    .from("base-rocky-9")
    .built(177, 14, 9)
    .packages(&[Rocky, Java]),
    Image::new("python-3.13", &TEAM, "CPython 3.13, uv, the usual wheels")
        .os(UBUNTU, AWS)
        .from("base-ubuntu-24.04")
        .built(177, 14, 9)
        .packages(&[Ubuntu, Python]),
    Image::new(
        "node-22",
        &TEAM,
        "Node.js 22 LTS with corepack and a warmed npm cache",
    )
    .os(UBUNTU, AWS)
    .from("base-ubuntu-24.04")
    .built(177, 14, 9)
    .packages(&[Ubuntu, Node])
    .outcomes(&[(6, Outcome::Failed)]),
    // Somebody cancelled the newest run, and nobody has started another.
    Image::new("dotnet-9", &TEAM, ".NET 9 runtime and ASP.NET Core")
        .os(UBUNTU, AWS_AZURE)
        .from("base-ubuntu-24.04")
        .built(131, 14, 5)
        .packages(&[Ubuntu])
        .outcomes(&[(0, Outcome::Cancelled)]),
    Image::new("php-8.4", &TEAM, "PHP 8.4 FPM behind nginx, OPcache tuned")
        .os("debian-12", &[Target::Docker])
        .built(163, 21, 9)
        .packages(&[Debian]),
    Image::new(
        "go-tools",
        &TEAM,
        "Go toolchain and linters, as a container for pipelines",
    )
    .os("alpine-3", &[Target::Docker])
    .from("base-alpine-3")
    .built(172, 28, 4)
    .channels(AUTOMATIC)
    .packages(&[Alpine]),
    Image::new(
        "docker-host",
        &TEAM,
        "containerd and Docker with user namespaces, journald logging",
    )
    .os(UBUNTU, CLOUDS)
    .from("base-ubuntu-24.04")
    .built(178, 14, 10)
    .packages(&[Ubuntu]),
    Image::new(
        "k8s-node",
        &TEAM,
        "Worker node: kubelet 1.34, pre-pulled system images, kernel tuned for many pods",
    )
    .os(UBUNTU, CLOUDS)
    .from("docker-host")
    .built(175, 14, 7)
    .channels(AUTOMATIC)
    .packages(&[Ubuntu]),
    Image::new(
        "k8s-control-plane",
        &TEAM,
        "Control plane node: etcd on its own disk, audit log on",
    )
    .os(UBUNTU, AWS_AZURE)
    .from("docker-host")
    .built(175, 28, 7)
    .packages(&[Ubuntu]),
    Image::new(
        "gpu-cuda-12",
        &TEAM,
        "Worker node for GPUs: driver 570, CUDA 12.8, device plugin",
    )
    .os(UBUNTU, AWS_EUROPE)
    .from("k8s-node")
    .built(173, 28, 5)
    .packages(&[Ubuntu]),
];
