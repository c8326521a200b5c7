//! What is served, and who trusts it.

use std::{fs, path::PathBuf};

use chrono::DateTime;
use touchmark_registry::tls::CertificateAuthority;
use touchmark_tests::{Client, Error, Machine, Options, TestServer};

use crate::http;

/// A client that asks for readiness, which needs no credentials.
async fn asks(url: String, ca_file: PathBuf) -> Result<u16, Error> {
    let client = Client::builder(url)
        .ca_file(ca_file)
        .build()
        .expect("a client");
    let answer = client.send(reqwest::Method::GET, "/readyz", None).await?;
    Ok(answer.status)
}

/// An authority and a certificate of it for some names: files of authority, chain and key.
fn brought_along(machine: &Machine, names: &[&str]) -> [String; 3] {
    let now = DateTime::from_timestamp(1_790_000_000, 0).expect("a time");
    let (certificate, key) = CertificateAuthority::generate(now).expect("an authority");
    let authority = CertificateAuthority::load(&certificate, &key).expect("an authority");
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let leaf = authority.issue(&names, now).expect("a certificate");
    let number = fs::read_dir(machine.home()).expect("a folder").count();
    [
        ("ca", &certificate),
        ("chain", &leaf.cert_chain_pem),
        ("key", &*leaf.key_pem),
    ]
    .map(|(name, text)| {
        let path = machine.home().join(format!("{name}-{number}.pem"));
        fs::write(&path, text).expect("a file");
        path.display().to_string()
    })
}

#[tokio::test]
async fn the_private_authority_vouches_for_every_name_of_this_machine() {
    let machine = Machine::new();
    let server = machine.serve(&["--host-names", "ip6-localhost"]);
    let ca = machine.data_dir().join("ca.pem");
    for host in ["localhost", "127.0.0.1"] {
        let url = format!("https://{host}:{}", server.port());
        let status = asks(url, ca.clone()).await.expect("a verified answer");
        assert_eq!(status, 200, "{host}");
    }
    // The bundle, which takes the place of the system's roots, works as well.
    let bundle = machine.data_dir().join("ca-bundle.pem");
    assert_eq!(
        asks(server.url.clone(), bundle)
            .await
            .expect("a verified answer"),
        200
    );
}

#[tokio::test]
async fn whoever_does_not_know_the_authority_refuses_the_certificate() {
    let server = TestServer::start_with(Options {
        tls: true,
        ..Options::default()
    })
    .await;
    let stranger = Client::builder(&server.url).build().expect("a client");
    let refused = stranger.send(reqwest::Method::GET, "/livez", None).await;
    assert!(matches!(refused, Err(Error::Transport(_))), "{refused:?}");
    // Two installations do not trust each other.
    let other = TestServer::start_with(Options {
        tls: true,
        ..Options::default()
    })
    .await;
    let refused = asks(server.url.clone(), other.ca_file()).await;
    assert!(matches!(refused, Err(Error::Transport(_))), "{refused:?}");
    assert_eq!(
        asks(server.url.clone(), server.ca_file())
            .await
            .expect("an answer"),
        200
    );
}

#[tokio::test]
async fn a_new_host_name_renews_the_certificate_under_the_same_authority() {
    let machine = Machine::new();
    machine.serve(&[]).terminated();
    let read = |name: &str| fs::read(machine.data_dir().join(name)).expect("a file");
    let (chain, authority) = (read("server.pem"), read("ca.pem"));
    let server = machine.serve(&["--host-names", "registry.example.com"]);
    assert_ne!(read("server.pem"), chain);
    assert_eq!(read("ca.pem"), authority);
    let ca = machine.data_dir().join("ca.pem");
    assert_eq!(asks(server.url.clone(), ca).await.expect("an answer"), 200);
}

#[tokio::test]
async fn a_certificate_that_is_brought_along_is_served() {
    let machine = Machine::new();
    let [ca, chain, key] = brought_along(&machine, &["localhost"]);
    let server = machine.serve(&["--tls-cert-file", &chain, "--tls-key-file", &key]);
    assert_eq!(
        asks(server.url.clone(), ca.into())
            .await
            .expect("an answer"),
        200
    );
    let env = machine.sourced();
    assert!(
        !env.contains_key("SSL_CERT_FILE"),
        "the system is to know its issuer"
    );
    assert_eq!(env["TOUCHMARK_URL"], server.url);
    let own = machine.data_dir().join("ca.pem");
    if own.exists() {
        assert!(matches!(
            asks(server.url.clone(), own).await,
            Err(Error::Transport(_))
        ));
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_named_with_what_is_wrong() {
    let machine = Machine::new();
    let [_, chain, key] = brought_along(&machine, &["localhost"]);
    let [_, _, other_key] = brought_along(&machine, &["localhost"]);
    let missing = machine.home().join("missing.pem").display().to_string();
    let empty = machine.home().join("empty.pem").display().to_string();
    fs::write(&empty, "nothing").expect("a file");
    let said = [
        (&missing, &key),
        (&chain, &missing),
        (&chain, &other_key),
        (&empty, &key),
        (&chain, &empty),
    ]
    .map(|(chain, key)| {
        let ended = machine.refuses(&["--tls-cert-file", chain, "--tls-key-file", key]);
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), ""));
        let lines: Vec<&str> = ended
            .stderr
            .lines()
            .filter(|l| l.starts_with("error: "))
            .collect();
        lines
            .join("\n")
            .replace(&machine.home().display().to_string(), "~")
    });
    insta::assert_snapshot!(said.join("\n"), @r"
    error: ~/missing.pem: cannot be read: No such file or directory (os error 2)
    error: ~/missing.pem: cannot be read: No such file or directory (os error 2)
    error: ~/key-3.pem: is not the private key of the certificate in ~/chain-0.pem
    error: ~/empty.pem: no certificate in it; expected PEM that begins with -----BEGIN CERTIFICATE-----
    error: ~/empty.pem: private key: no private key in PEM form (no items found)
    ");
}

#[test]
fn half_a_certificate_is_a_contradiction() {
    let machine = Machine::new();
    let [_, chain, key] = brought_along(&machine, &["localhost"]);
    let said = [
        vec!["--tls-cert-file", &chain],
        vec!["--tls-key-file", &key],
        vec![
            "--tls-cert-file",
            &chain,
            "--tls-key-file",
            &key,
            "--plain-http",
        ],
    ]
    .map(|flags| machine.refuses(&flags).stderr);
    insta::assert_snapshot!(said.concat(), @r"
    error: tls.cert_file is set but tls.key_file is not: a certificate needs its private key
    error: tls.key_file is set but tls.cert_file is not: a private key needs its certificate
    error: plain_http is set, and so are tls.cert_file and tls.key_file: only one can hold
    ");
}

#[test]
fn plain_http_is_served_only_when_asked_for() {
    let machine = Machine::new();
    let server = machine.serve(&["--plain-http"]);
    assert!(server.url.starts_with("http://"), "{}", server.url);
    assert_eq!(http::get(server.port(), "/livez", &[]).status, 200);
    assert_eq!(machine.sourced()["HCP_API_TLS"], "disabled");
    assert!(!machine.sourced().contains_key("SSL_CERT_FILE"));
    server.terminated();
    let server = machine.serve(&[]);
    assert!(server.url.starts_with("https://"), "{}", server.url);
    assert!(!machine.sourced().contains_key("HCP_API_TLS"));
    assert!(machine.sourced().contains_key("SSL_CERT_FILE"));
    let mut stream = http::connect(server.port());
    std::io::Write::write_all(&mut stream, b"GET /livez HTTP/1.1\r\nHost: h\r\n\r\n")
        .expect("a request");
    let mut answer = Vec::new();
    // Whether the connection is closed or reset does not matter.
    let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
    assert!(
        !String::from_utf8_lossy(&answer).contains("200"),
        "{answer:?}"
    );
}
