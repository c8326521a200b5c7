//! One command on an empty machine.

use std::{fs, os::unix::fs::PermissionsExt, path::Path};

use touchmark_tests::Machine;

fn mode(path: &Path) -> String {
    let mode = fs::metadata(path).expect("a file").permissions().mode();
    format!("{:o}", mode & 0o7777)
}

#[test]
fn an_empty_machine_gets_a_folder_that_is_private_to_its_owner() {
    let machine = Machine::new();
    let _server = machine.serve(&[]);
    let folder = machine.data_dir();
    assert_eq!(mode(&folder), "700");
    for name in ["env", "master.key", "server.key"] {
        assert_eq!(mode(&folder.join(name)), "600", "{name}");
    }
    for entry in fs::read_dir(&folder).expect("the folder") {
        let name = entry.expect("an entry").file_name();
        assert!(
            !name.to_string_lossy().contains("tmp"),
            "left behind: {name:?}"
        );
    }
}

#[test]
fn the_address_and_the_next_command_are_printed() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let port = server.port();
    assert!(port != 0 && port != 8443, "a free port is taken");
    let env = machine.data_dir().join("env");
    let said = server.terminated().stdout;
    let link = said.split_whitespace().last().expect("a link").to_owned();
    let expected = format!(
        "A new registry was made. Touchmark listens at https://localhost:{port}\n\n\
         Next, in the shell where Packer or Terraform run:\n\n    . '{}'\n\n\
         In a browser, choose a name and a password for the web pages (once, within three days):\n\n    {link}\n\n",
        env.display()
    );
    assert_eq!(said, expected);
    let (host, secret) = link.split_once("/invitations/").expect("a link");
    assert_eq!(host, format!("https://localhost:{port}"));
    assert!(secret.len() >= 43, "{secret}");
}

#[test]
fn env_has_every_variable_that_packer_and_terraform_need() {
    let machine = Machine::new();
    let server = machine.serve(&[]);
    let env = machine.sourced();
    let value = |name: &str| env.get(name).map_or("", String::as_str);
    let authority = format!("localhost:{}", server.port());
    assert_eq!(value("HCP_API_ADDRESS"), authority);
    assert_eq!(value("HCP_AUTH_URL"), format!("https://{authority}"));
    assert_eq!(value("TOUCHMARK_URL"), server.url);
    assert_eq!(value("CHECKPOINT_DISABLE"), "1");
    assert_eq!(value("HCP_SKIP_STATUS_CHECK"), "true");
    for name in [
        "CLIENT_ID",
        "CLIENT_SECRET",
        "ORGANIZATION_ID",
        "PROJECT_ID",
    ] {
        let hcp = value(&format!("HCP_{name}"));
        assert!(!hcp.is_empty(), "{name}");
        assert_eq!(hcp, value(&format!("TOUCHMARK_{name}")));
    }
    for name in ["HCP_ORGANIZATION_ID", "HCP_PROJECT_ID"] {
        assert_eq!(
            value(name).split('-').map(str::len).collect::<Vec<_>>(),
            [8, 4, 4, 4, 12]
        );
    }
    let bundle = fs::read_to_string(value("SSL_CERT_FILE")).expect("the bundle");
    let authority = fs::read_to_string(value("TOUCHMARK_CA_FILE")).expect("the authority");
    assert!(
        bundle.contains(authority.trim()),
        "the bundle has our authority"
    );
}

#[test]
fn what_would_divert_the_tools_is_gone_once_env_is_sourced() {
    let machine = Machine::new();
    let _server = machine.serve(&[]);
    let diverting = [
        "HCP_API_HOST",
        "HCP_GEOGRAPHY",
        "HCP_CRED_FILE",
        "HCP_PORTAL_URL",
        "HCP_SCADA_ADDRESS",
        "HCP_API_TLS",
        "HCP_AUTH_TLS",
    ];
    let before = diverting.map(|name| (name, "elsewhere"));
    let env = machine.sourced_from(&machine.data_dir().join("env"), &before);
    for name in diverting {
        assert_eq!(env.get(name), None, "{name}");
    }
}

#[tokio::test]
async fn the_credentials_of_env_are_those_of_an_admin() {
    let machine = Machine::new();
    let _server = machine.serve(&[]);
    let admin = machine.admin();
    let registry = admin.get_registry().await.expect("the registry").registry;
    let registry = registry.expect("a registry");
    assert!(registry.config.is_some_and(|config| config.activated));
    let env = machine.sourced();
    let organization = env.get("HCP_ORGANIZATION_ID").expect("an id");
    let found = admin
        .get_organization(organization)
        .await
        .expect("an organization");
    assert_eq!(
        found.organization.map(|o| o.id).as_ref(),
        Some(organization)
    );
    let identity = admin.get_caller_identity().await.expect("an identity");
    assert!(format!("{identity:?}").contains("admin"), "{identity:?}");
}

#[test]
fn the_folder_is_where_the_variables_or_the_flag_say() {
    let elsewhere = tempfile::tempdir().expect("a folder");
    let path = |name: &str| elsewhere.path().join(name).display().to_string();
    let machine = Machine::new().with("XDG_DATA_HOME", &path("xdg"));
    machine.serve(&[]).terminated();
    assert!(elsewhere.path().join("xdg/touchmark/env").is_file());
    let machine = Machine::new().with("TOUCHMARK_DATA_DIR", &path("variable"));
    machine.serve(&[]).terminated();
    assert!(elsewhere.path().join("variable/env").is_file());
    let machine = Machine::new().with("TOUCHMARK_DATA_DIR", &path("unused"));
    machine
        .serve(&["--data-dir", &path("a flag's")])
        .terminated();
    assert!(elsewhere.path().join("a flag's/env").is_file());
    assert!(!elsewhere.path().join("unused").exists());
    // A quote in the path neither breaks the file nor gets lost.
    let env = machine.sourced_from(&elsewhere.path().join("a flag's/env"), &[]);
    let bundle = env.get("SSL_CERT_FILE").expect("a bundle");
    assert!(Path::new(bundle).is_file(), "{bundle}");
}
