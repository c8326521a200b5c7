//! The real programs: where they are, and that they are fresh.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
    time::SystemTime,
};

/// The path of a program of this workspace, of the profile that the tests were built in. Both programs
/// are built first when one is missing or older than its sources: cargo does that only for tests of the
/// same package.
///
/// # Panics
/// When it cannot be built.
pub fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(built).join(name)
}

fn built() -> PathBuf {
    let test = std::env::current_exe().expect("the path of the test");
    let folder = test.ancestors().nth(2).expect("target/<profile>/deps");
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace");
    let sources = ["registry", "cli-client", "migrations", "web"].map(|name| root.join(name));
    let newest = sources.iter().filter_map(|source| newest(source)).max();
    let oldest = ["touchmark-registry", "touchmark"].map(|name| modified(&folder.join(name)));
    let fresh = oldest
        .iter()
        .all(|built| built.is_some() && *built >= newest);
    if !fresh {
        let profile = match folder.file_name().and_then(|name| name.to_str()) {
            Some("debug") | None => "dev",
            Some(other) => other,
        };
        let mut build = Command::new(env!("CARGO"));
        // Cargo sets these for tests. Build scripts that watch them would run again, and all that
        // depends on them would be built again, at each change between this and a build by hand.
        for name in [
            "MANIFEST_DIR",
            "MANIFEST_LINKS",
            "MANIFEST_PATH",
            "PKG_NAME",
            "PKG_VERSION",
            "PKG_VERSION_MAJOR",
            "PKG_VERSION_MINOR",
            "PKG_VERSION_PATCH",
            "PKG_VERSION_PRE",
        ] {
            build.env_remove(format!("CARGO_{name}"));
        }
        let ended = build
            .current_dir(root)
            .args(["build", "--quiet", "--profile", profile, "--bins"])
            .args(["-p", "touchmark-registry", "-p", "touchmark-cli"])
            .status()
            .expect("cargo");
        assert!(ended.success(), "the programs cannot be built");
    }
    folder.to_owned()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

fn newest(path: &Path) -> Option<SystemTime> {
    match fs::read_dir(path) {
        Ok(entries) => entries.filter_map(|e| newest(&e.ok()?.path())).max(),
        Err(_) => modified(path),
    }
}

/// Says loudly that a test proves nothing here.
#[expect(clippy::print_stderr, reason = "nobody reads a log of tests")]
pub fn skipped(why: &str) {
    let name = std::thread::current().name().unwrap_or_default().to_owned();
    eprintln!("SKIPPED {name}: {why}");
}

/// Whether a program of the system is there that a test needs; if not, that is said loudly.
///
/// # Panics
/// When it is not, and the variable `required` says that it must be.
pub fn installed(path: &str, required: &str) -> bool {
    let found = Path::new(path).is_file();
    if !found {
        let missing = format!("{path} is missing");
        assert!(
            crate::variable(required).is_none(),
            "{missing} and {required} is set"
        );
        skipped(&missing);
    }
    found
}
