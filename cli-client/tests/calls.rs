//! Calls against a server that answers from a script and notes what it was sent.

use std::error::Error;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use touchmark_client::wire::build::{BuildStatus, UpdateBuildBody};
use touchmark_client::wire::error::Code;
use touchmark_client::wire::own::{GrantBody, RoleName, ScopeKind};
use touchmark_client::wire::revocation::RevocationBody;
use touchmark_client::wire::sbom::{SbomFormat, UploadSbomBody};
use touchmark_client::wire::service_principal::CreateServicePrincipalBody;
use touchmark_client::{
    Client, Error as CallError, EventFilter, Method, PackageFilter, PackagePlace, Page, Part,
    ResolveQuery,
};

type TestResult = Result<(), Box<dyn Error>>;

/// Answers one request per entry and returns the requests, without headers
/// other than the ones the tests look at.
async fn serve(
    script: Vec<(u16, &'static str)>,
) -> std::io::Result<(String, JoinHandle<std::io::Result<Vec<String>>>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let seen = tokio::spawn(async move {
        let mut seen = Vec::new();
        for (status, body) in script {
            let (stream, _) = listener.accept().await?;
            seen.push(answer(stream, status, body).await?);
        }
        Ok(seen)
    });
    Ok((address, seen))
}

async fn answer(mut stream: TcpStream, status: u16, body: &str) -> std::io::Result<String> {
    let mut reader = BufReader::new(&mut stream);
    let mut request = String::new();
    let mut length = 0;
    reader.read_line(&mut request).await?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).await?;
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.parse().unwrap_or(0);
        }
        if line.starts_with("authorization: ") || line.starts_with("content-type: ") {
            request.push_str(&line);
            request.push('\n');
        }
    }
    let mut sent = vec![0; length];
    reader.read_exact(&mut sent).await?;
    request.push_str(&String::from_utf8_lossy(&sent));
    let head = format!(
        "HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    Ok(request.replace('\r', ""))
}

#[tokio::test]
async fn one_token_serves_many_calls() -> TestResult {
    let (address, seen) = serve(vec![
        (
            200,
            r#"{"access_token":"t1","token_type":"bearer","expires_in":3600}"#,
        ),
        (200, r#"{"build":{"id":"b","status":"BUILD_RUNNING"}}"#),
        (
            200,
            r#"{"buckets":[],"pagination":{"next_page_token":"n"}}"#,
        ),
    ])
    .await?;
    let client = Client::builder(address)
        .credentials("id", "a b")
        .scope("o", "p")
        .build()?;
    let body = UpdateBuildBody {
        status: Some(BuildStatus::Running),
        ..UpdateBuildBody::default()
    };
    let build = client.update_build("a/b", "f", "b", &body).await?.build;
    assert_eq!(build.map(|build| build.status), Some(BuildStatus::Running));
    let page = Page {
        size: Some(2),
        order_by: vec!["name desc".to_owned(), "id".to_owned()],
        ..Page::default()
    };
    let list = client.list_buckets(&page).await?;
    assert_eq!(list.pagination.unwrap_or_default().next_page_token, "n");
    assert_eq!(
        seen.await??,
        [
            "POST /oauth2/token HTTP/1.1\ncontent-type: application/x-www-form-urlencoded\n\
             grant_type=client_credentials&audience=https%3A%2F%2Fapi.hashicorp.cloud\
             &client_id=id&client_secret=a+b",
            "PATCH /packer/2023-01-01/organizations/o/projects/p/buckets/a%2Fb/versions/f/builds/b \
             HTTP/1.1\nauthorization: bearer t1\ncontent-type: application/json\n\
             {\"status\":\"BUILD_RUNNING\",\"artifacts\":null}",
            "GET /packer/2023-01-01/organizations/o/projects/p/buckets?pagination.page_size=2\
             &sorting.order_by=name+desc&sorting.order_by=id HTTP/1.1\nauthorization: bearer t1\n",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn our_own_face_is_asked_by_name() -> TestResult {
    let none = r#"{"events":[],"next_page_token":"t"}"#;
    let mut script = vec![(200, none)];
    script.extend([(200, "{}"); 6]);
    let (address, seen) = serve(script).await?;
    let client = Client::builder(address).token("t").build()?;
    let filter = EventFilter {
        bucket: "a".to_owned(),
        since: "2026-01-01T00:00:00Z".to_owned(),
        ..EventFilter::default()
    };
    let events = client.own().events(&filter, &Part::default()).await?;
    assert_eq!(events.next_page_token, "t");
    let body = GrantBody {
        role: Some(RoleName::Viewer),
        ..GrantBody::default()
    };
    client.own().grant_role("a b", &body).await?;
    let organization = (ScopeKind::Organization, "");
    client.own().revoke_role("ci", organization).await?;
    client.own().delete_secret("ci", "1").await?;
    let wanted = ResolveQuery {
        region: "r".to_owned(),
        labels: [("os".to_owned(), "a b".to_owned())].into(),
        allow_revoked: true,
        ..ResolveQuery::default()
    };
    client.own().resolve(("a/b", "c"), &wanted).await?;
    let body = RevocationBody {
        bucket: Some("a".to_owned()),
        ..RevocationBody::default()
    };
    client.own().preview_revocation("p", &body).await?;
    client.own().revoke_many("", &body).await?;
    let sent = seen.await??;
    let lines: Vec<&str> = sent.iter().filter_map(|text| text.lines().next()).collect();
    assert_eq!(
        lines,
        [
            "GET /api/v1/events?bucket=a&since=2026-01-01T00%3A00%3A00Z HTTP/1.1",
            "PUT /api/v1/principals/a%20b/roles HTTP/1.1",
            "DELETE /api/v1/principals/ci/roles?scope=organization HTTP/1.1",
            "DELETE /api/v1/principals/ci/secrets/1 HTTP/1.1",
            "GET /api/v1/resolve/a%2Fb/c?region=r&allow_revoked=true&label.os=a%20b HTTP/1.1",
            "POST /api/v1/revocations/preview?project=p HTTP/1.1",
            "POST /api/v1/revocations HTTP/1.1",
        ]
    );
    assert!(
        sent.iter()
            .any(|text| text.ends_with(r#"{"role":"viewer"}"#))
    );
    // What is not said is not sent: an empty list is not the same as none.
    assert!(sent.iter().any(|text| text.ends_with(r#"{"bucket":"a"}"#)));
    Ok(())
}

#[tokio::test]
async fn sboms_and_packages_are_asked_for_by_build_bucket_and_project() -> TestResult {
    let (address, seen) = serve(vec![(200, "{}"); 7]).await?;
    let client = Client::builder(address)
        .token("t")
        .scope("o", "p")
        .build()?;
    let body = UploadSbomBody {
        compressed_sbom: "eA==".to_owned(),
        format: Some(SbomFormat::Spdx),
        ..UploadSbomBody::default()
    };
    client.upload_sbom("b", "f", "i", &body).await?;
    client.list_sboms("b", "f", "i").await?;
    client.get_sbom("b", "f", "i", "n").await?;
    let filter = PackageFilter {
        name: Some("zlib".to_owned()),
        version: Some("1".to_owned()),
        ..PackageFilter::default()
    };
    let page = Page::default();
    let build = ("b", "f", "i");
    client.list_build_packages(build, &filter, &page).await?;
    client.list_bucket_packages("b", &filter, &page).await?;
    let place = PackagePlace {
        bucket: Some("b".to_owned()),
        version: None,
    };
    let part = Part::default();
    client.own().packages(("p", &place), &filter, &part).await?;
    let build_of = ("b", "f", "i");
    client.own().upload_sbom("p", build_of, &body).await?;
    let bucket = "/packer/2023-01-01/organizations/o/projects/p/buckets/b";
    let build = format!("{bucket}/versions/f/builds/i");
    let end = "HTTP/1.1\nauthorization: bearer t\n";
    let sent = "content-type: application/json\n{\"compressed_sbom\":\"eA==\",\"format\":\"SPDX\"}";
    let query = "package_name=zlib&package_version=1";
    assert_eq!(
        seen.await??,
        [
            format!("PUT {build}/sboms {end}{sent}"),
            format!("GET {build}/sboms {end}"),
            format!("GET {build}/sboms/n {end}"),
            format!("GET {build}/packages?{query} {end}"),
            format!("GET {bucket}/packages?{query} {end}"),
            format!("GET /api/v1/packages?project=p&bucket=b&name=zlib&package_version=1 {end}"),
            format!("PUT /api/v1/buckets/b/versions/f/builds/i/sboms?project=p {end}{sent}"),
        ]
    );
    Ok(())
}

#[tokio::test]
async fn refusals_carry_status_and_code() -> TestResult {
    let (address, _) = serve(vec![
        (
            409,
            r#"{"code":10,"message":"no such version","details":[]}"#,
        ),
        (502, "<html>"),
        (200, "<html>"),
        (201, "{}"),
    ])
    .await?;
    let client = Client::builder(address)
        .token("t")
        .scope("o", "p")
        .build()?;
    let error = client.get_version("b", "f").await.err();
    assert!(matches!(
        error,
        Some(CallError::Refused { http_status: 409, status }) if status.code == Code::Aborted
    ));
    let error = client.get_version("b", "f").await.err();
    assert!(matches!(
        error,
        Some(CallError::Refused {
            http_status: 502,
            ..
        })
    ));
    let error = client.get_version("b", "f").await.err();
    assert!(matches!(
        error,
        Some(CallError::Answer {
            http_status: 200,
            ..
        })
    ));
    let error = client.get_version("b", "f").await.err();
    assert!(matches!(
        error,
        Some(CallError::Refused {
            http_status: 201,
            ..
        })
    ));
    Ok(())
}

#[tokio::test]
async fn odd_requests_are_answers() -> TestResult {
    let (address, seen) = serve(vec![(418, "tea"), (200, "{}")]).await?;
    let client = Client::builder(address).build()?;
    let answer = client.send(Method::GET, "/a%2Fb?c=d", None).await?;
    assert_eq!(
        (answer.status, answer.body.as_slice()),
        (418, b"tea".as_slice())
    );
    assert!(answer.headers.contains_key("content-length"));
    let bytes = Some(b"{".to_vec());
    let answer = client.send_bytes(Method::POST, "/", bytes).await?;
    assert_eq!(answer.json::<serde_json::Value>()?, serde_json::json!({}));
    assert_eq!(
        seen.await??,
        [
            "GET /a%2Fb?c=d HTTP/1.1\n",
            "POST / HTTP/1.1\ncontent-type: application/json\n{",
        ]
    );
    Ok(())
}

#[tokio::test]
async fn calls_outside_of_a_project_name_their_resources() -> TestResult {
    let (address, seen) = serve(vec![
        (200, r#"{"service_principal":{"id":"1"}}"#),
        (200, r#"{"service_principal":{"id":"1"},"keys":[]}"#),
        (200, r#"{"principals":[{"id":"1"}]}"#),
        (200, r#"{"policy":{"bindings":[],"etag":"e"}}"#),
        (200, r#"{"policy":{"bindings":[],"etag":"f"}}"#),
        (200, "{}"),
    ])
    .await?;
    let client = Client::builder(address).token("t").build()?;
    let body = CreateServicePrincipalBody {
        name: "ci".to_owned(),
    };
    let name = "iam/project/p/service-principal/ci";
    client.create_service_principal("project/p", &body).await?;
    client.get_service_principal(name).await?;
    let ids = ["1".to_owned(), "2".to_owned()];
    let found = client.batch_get_principals("o", &ids).await?;
    assert_eq!(found.principals.len(), 1);
    let policy = client.get_iam_policy("packer/b").await?.policy;
    let answer = client.set_iam_policy("packer/b", policy.unwrap_or_default());
    assert_eq!(answer.await?.policy.unwrap_or_default().etag, "f");
    client.delete_service_principal(name).await?;
    let encoded = "iam%2Fproject%2Fp%2Fservice-principal%2Fci";
    let authorization = "HTTP/1.1\nauthorization: bearer t\n";
    let json = "content-type: application/json\n";
    assert_eq!(
        seen.await??,
        [
            format!(
                "POST /2019-12-10/iam/project%2Fp/service-principals {authorization}{json}\
                 {{\"name\":\"ci\"}}"
            ),
            format!("GET /2019-12-10/{encoded} {authorization}"),
            format!(
                "GET /iam/2019-12-10/organizations/o/principals?principal_ids=1&principal_ids=2\
                 &view=PRINCIPAL_VIEW_BASIC {authorization}"
            ),
            format!(
                "GET /2019-12-10/resource-manager/resources/iam-policy?resource_name=packer%2Fb \
                 {authorization}"
            ),
            format!(
                "PUT /2019-12-10/resource-manager/resources/iam-policy {authorization}{json}\
                 {{\"policy\":{{\"bindings\":[],\"etag\":\"e\"}},\"resource_name\":\"packer/b\"}}"
            ),
            format!("DELETE /2019-12-10/{encoded} {authorization}"),
        ]
    );
    Ok(())
}
