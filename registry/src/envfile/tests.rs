//! A shell reads what was meant, and renewing the address keeps everything else.

use super::*;
use crate::config::PublicUrl;
use crate::private_file::TestFolder;

fn trust() -> Trust {
    Trust {
        bundle: "/data/it's here/bundle.pem".into(),
        authority: "/data/$HOME `x`/ca.pem".into(),
    }
}

fn file() -> EnvFile {
    EnvFile {
        address: Address::local("0.0.0.0:8443".parse().unwrap(), true, Some(trust())),
        client_id: "tmc_1".into(),
        client_secret: Secret::new("tms_$x\"'\\".into()),
        organization_id: "o".into(),
        project_id: "p".into(),
    }
}

/// What `name` is once a shell has read the file, `-` if it is not set.
#[cfg(unix)]
fn read_by(shell: &str, path: &Path, name: &str) -> Option<String> {
    let script = format!(
        "set -eu; . {}; printf %s \"${{{name}-<unset>}}\"",
        path.display()
    );
    let run = std::process::Command::new(shell)
        .args(["-c", &script])
        .env("HCP_API_TLS", "")
        .env("HCP_GEOGRAPHY", "eu")
        .output();
    let output = run.ok()?;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

#[cfg(unix)]
#[test]
fn shells_read_what_was_meant() {
    let folder = TestFolder::new();
    let path = folder.join("env");
    write(&path, &file()).unwrap();
    assert_eq!(private_file::exposure(&path).unwrap(), 0);
    for (name, expected) in [
        ("HCP_API_ADDRESS", "localhost:8443"),
        ("HCP_AUTH_URL", "https://localhost:8443"),
        ("HCP_API_TLS", "<unset>"),
        ("HCP_GEOGRAPHY", "<unset>"),
        ("SSL_CERT_FILE", "/data/it's here/bundle.pem"),
        ("HCP_CLIENT_SECRET", "tms_$x\"'\\"),
        ("TOUCHMARK_CLIENT_SECRET", "tms_$x\"'\\"),
        ("TOUCHMARK_CA_FILE", "/data/$HOME `x`/ca.pem"),
        ("TOUCHMARK_URL", "https://localhost:8443"),
        ("HCP_PROJECT_ID", "p"),
        ("TOUCHMARK_ORGANIZATION_ID", "o"),
        ("CHECKPOINT_DISABLE", "1"),
    ] {
        for shell in ["sh", "bash", "zsh"] {
            if let Some(value) = read_by(shell, &path, name) {
                assert_eq!(value, expected, "{name} by {shell}");
            }
        }
    }
}

#[test]
fn a_new_address_leaves_the_rest_as_it_is() {
    let folder = TestFolder::new();
    let path = folder.join("env");
    assert!(!rewrite_address(&path, &file().address).unwrap());
    let original = file().text(&path).unwrap();
    let edited = format!("{}export MINE=1\n", *original);
    fs::write(&path, &edited).unwrap();

    let url = PublicUrl::parse("http://r.example.com:81").unwrap();
    let plain = Address::public(&url, None);
    assert!(rewrite_address(&path, &plain).unwrap());
    assert_eq!(private_file::exposure(&path).unwrap(), 0);
    let text = fs::read_to_string(&path).unwrap();
    for line in [
        "export HCP_API_ADDRESS='r.example.com:81'",
        "export HCP_AUTH_URL='https://r.example.com:81'",
        "export HCP_API_TLS='disabled'",
        "export TOUCHMARK_URL='http://r.example.com:81'",
        "export MINE=1",
    ] {
        assert_eq!(
            text.lines().filter(|l| *l == line).count(),
            1,
            "{line}\n{text}"
        );
    }
    assert!(!text.contains("SSL_CERT_FILE") && text.contains("# Over plain http"));

    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.sort_unstable();
        lines
    };
    rewrite_address(&path, &file().address).unwrap();
    assert_eq!(sorted(&fs::read_to_string(&path).unwrap()), sorted(&edited));
}

#[test]
fn the_same_address_changes_nothing() {
    let folder = TestFolder::new();
    let path = folder.join("env");
    write(&path, &file()).unwrap();
    let before = fs::read_to_string(&path).unwrap();
    assert!(rewrite_address(&path, &file().address).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn local_addresses_are_ones_a_client_can_use() {
    for (bound, authority) in [
        ("127.0.0.1:8443", "localhost:8443"),
        ("[::]:1", "localhost:1"),
        ("[::1]:1", "[::1]:1"),
        ("10.0.0.5:1", "10.0.0.5:1"),
    ] {
        let address = Address::local(bound.parse().unwrap(), true, None);
        assert_eq!(address.authority, authority);
    }
}

#[test]
fn line_breaks_are_refused() {
    let mut broken = file();
    broken.project_id = "p\nexport X=1".into();
    let error = broken.text(Path::new("env")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}
