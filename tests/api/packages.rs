//! Packages of builds and buckets, and where in a project a package is.
#![expect(
    clippy::unwrap_used,
    reason = "a helper of tests that cannot go on has failed"
)]

use insta::assert_snapshot;
use serde_json::json;
use touchmark_client::{Method, PackageFilter, PackagePlace, Page, Part};
use touchmark_registry::{domain::role::Role, store::principals::Scope};
use touchmark_tests::{
    Client, Story, TestServer, refusal, shown, upload,
    wire::{package::Package, sbom::SbomFormat},
};

use crate::{
    kit::{Steps as _, page, second_project},
    sbom_kit::{alpine, cyclone, put, spdx},
};

fn named(name: &str) -> PackageFilter {
    PackageFilter {
        name: Some(name.into()),
        ..PackageFilter::default()
    }
}

fn starting(with: &str) -> PackageFilter {
    PackageFilter {
        name_starts_with: Some(with.into()),
        ..PackageFilter::default()
    }
}

fn lines(packages: &[Package]) -> Vec<String> {
    let line = |p: &Package| format!("{} {} {}", p.name, p.version, p.sboms.len());
    packages.iter().map(line).collect()
}

/// The packages of a build of `alpine/one` as `name version <number of SBOMs>`.
async fn of_build(client: &Client, build: &str, filter: &PackageFilter) -> Vec<String> {
    let place = ("alpine", "one", build);
    let first = Page::default();
    let answer = client.list_build_packages(place, filter, &first).await;
    lines(&answer.unwrap().packages)
}

#[tokio::test]
async fn the_packages_of_a_build_are_shown_once_with_the_sboms_that_name_them() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    let body = upload(SbomFormat::Spdx, &spdx(&["zlib 1.3"]), "spdx");
    admin
        .upload_sbom("alpine", "one", &build, &body)
        .await
        .unwrap();
    let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
        {"name": "zlib", "version": "1.3"}, {"name": "zlib", "version": "1.3"}]});
    let body = upload(SbomFormat::CycloneDx, &document, "cyclone");
    admin
        .upload_sbom("alpine", "one", &build, &body)
        .await
        .unwrap();
    let path = admin
        .scope()
        .unwrap()
        .build_packages("alpine", "one", &build);
    let viewer = server.viewer().await;
    let answer = viewer.send(Method::GET, &path, None).await.unwrap();
    let answer = shown(&answer);
    assert_eq!(answer.matches("\"name\": \"zlib\"").count(), 1, "{answer}");
    let (cyclone, spdx) = (
        answer.find("\"name\": \"cyclone\""),
        answer.find("\"name\": \"spdx\""),
    );
    assert!(cyclone.is_some() && spdx.is_some(), "{answer}");
    let one = format!("{path}?package_name=none");
    let answer = viewer.send(Method::GET, &one, None).await.unwrap();
    assert_snapshot!(shown(&answer), @r#"
    200
    {
      "packages": [],
      "pagination": {
        "next_page_token": "",
        "previous_page_token": ""
      }
    }
    "#);
}

#[tokio::test]
async fn filters_narrow_the_list_of_a_build() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    let packages = [
        "zlib 1",
        "zlib 2",
        "zlib-dev 1",
        "Zlib 1",
        "zlj 1",
        "zli 1",
        "a%_ 1",
    ];
    put(&admin, ("one", &build), "os-packages", &packages).await;
    assert_eq!(
        of_build(&admin, &build, &named("zlib")).await,
        ["zlib 1 1", "zlib 2 1"]
    );
    let begun = ["zlib 1 1", "zlib 2 1", "zlib-dev 1 1"];
    assert_eq!(of_build(&admin, &build, &starting("zlib")).await, begun);
    assert_eq!(
        of_build(&admin, &build, &starting("a%_")).await,
        ["a%_ 1 1"]
    );
    assert!(of_build(&admin, &build, &starting("%")).await.is_empty());
    let both = PackageFilter {
        version: Some("2".into()),
        ..starting("zl")
    };
    assert_eq!(of_build(&admin, &build, &both).await, ["zlib 2 1"]);
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "it is one table of filters")]
async fn pages_go_forth_and_back_in_both_orders() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = alpine(&admin).await;
    put(&admin, ("one", &build), "first", &["a 1", "a 2", "b 1"]).await;
    put(&admin, ("one", &build), "second", &["a 2", "b 2", "c 1"]).await;
    let all = ["a 1 1", "a 2 2", "b 1 1", "b 2 1", "c 1 1"];
    let place = ("alpine", "one", &*build);
    let every = PackageFilter::default();
    for (order, descending) in [("name", false), ("name desc", true)] {
        let mut expected = all.to_vec();
        if descending {
            expected.reverse();
        }
        let ordered = Page {
            order_by: vec![order.into()],
            ..page(2)
        };
        let mut wanted = ordered.clone();
        let (mut seen, mut last) = (Vec::new(), None);
        loop {
            let answer = admin
                .list_build_packages(place, &every, &wanted)
                .await
                .unwrap();
            seen.extend(lines(&answer.packages));
            let tokens = answer.pagination.unwrap();
            if tokens.next_page_token.is_empty() {
                last.replace(tokens.previous_page_token);
                break;
            }
            wanted.next_page_token = Some(tokens.next_page_token);
        }
        assert_eq!(seen, expected);
        let back = Page {
            previous_page_token: last,
            ..ordered
        };
        let answer = admin
            .list_build_packages(place, &every, &back)
            .await
            .unwrap();
        assert_eq!(lines(&answer.packages), expected[2..4]);
    }
    let path = admin
        .scope()
        .unwrap()
        .build_packages("alpine", "one", &build);
    for query in [
        "sorting.order_by=purl",
        "pagination.next_page_token=x",
        "package_name=%00",
    ] {
        let answer = admin
            .send(Method::GET, &format!("{path}?{query}"), None)
            .await
            .unwrap();
        assert_eq!(answer.status, 400, "{query}");
    }
    let long = format!("{path}?package_name={}", "x".repeat(1_025));
    let answer = admin.send(Method::GET, &long, None).await.unwrap();
    assert!(shown(&answer).contains("query.package_name: must be"));
}

/// `zlib 1` in `alpine/one`, `zlib 2` in `alpine/two`, `zlib 1` in `debian/one`; gives the last build.
async fn two_buckets(admin: &Client) -> String {
    let build = alpine(admin).await;
    put(admin, ("one", &build), "os-packages", &["zlib 1", "musl 1"]).await;
    admin.version("alpine", "two").await;
    let build = admin.build("alpine", "two", "a").await;
    put(admin, ("two", &build), "os-packages", &["zlib 2", "musl 1"]).await;
    admin.bucket("debian").await;
    admin.version("debian", "one").await;
    let build = admin.build("debian", "one", "a").await;
    let body = upload(SbomFormat::CycloneDx, &cyclone(&["zlib 1", "musl 1"]), "");
    admin
        .upload_sbom("debian", "one", &build, &body)
        .await
        .unwrap();
    build
}

#[tokio::test]
async fn the_packages_of_a_bucket_are_those_of_all_its_versions() {
    let server = TestServer::start().await;
    let admin = server.admin();
    two_buckets(&admin).await;
    let every = PackageFilter::default();
    let answer = admin
        .list_bucket_packages("alpine", &every, &Page::default())
        .await;
    assert_eq!(
        lines(&answer.unwrap().packages),
        ["musl 1 2", "zlib 1 1", "zlib 2 1"]
    );
    let answer = admin
        .list_bucket_packages("alpine", &named("zlib"), &page(1))
        .await;
    assert_eq!(lines(&answer.unwrap().packages), ["zlib 1 1"]);
}

/// Where packages are, as `bucket/version name version`.
async fn found(client: &Client, place: &PackagePlace, filter: &PackageFilter) -> Vec<String> {
    let project = client.scope().unwrap().project_id;
    let own = client.own();
    let answer = own
        .packages((project, place), filter, &Part::default())
        .await;
    let line = |p: &touchmark_tests::wire::own::PackageUse| {
        let (bucket, version) = (&p.bucket_name, &p.version_fingerprint);
        format!("{bucket}/{version} {} {}", p.name, p.version)
    };
    answer.unwrap().packages.iter().map(line).collect()
}

#[tokio::test]
async fn a_package_leads_to_all_buckets_versions_and_builds_that_contain_it() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = two_buckets(&admin).await;
    let everywhere = PackagePlace::default();
    let mut all = found(&admin, &everywhere, &named("zlib")).await;
    all.sort_unstable();
    assert_eq!(
        all,
        [
            "alpine/one zlib 1",
            "alpine/two zlib 2",
            "debian/one zlib 1"
        ]
    );
    let version = PackagePlace {
        bucket: Some("alpine".into()),
        version: Some("two".into()),
    };
    let of_version = found(&admin, &version, &PackageFilter::default()).await;
    assert_eq!(of_version, ["alpine/two musl 1", "alpine/two zlib 2"]);
    let bucket = PackagePlace {
        bucket: Some("debian".into()),
        version: None,
    };
    assert_eq!(
        found(&admin, &bucket, &starting("z")).await,
        ["debian/one zlib 1"]
    );
    let own = admin.own();
    let answer = own
        .packages(("", &bucket), &named("zlib"), &Part::default())
        .await;
    let package = answer.unwrap().packages.remove(0);
    assert_eq!((package.build_id, &*package.version_name), (build, "v0"));

    let mut seen = Vec::new();
    let mut wanted = Part {
        size: Some(2),
        token: String::new(),
    };
    loop {
        let every = PackageFilter::default();
        let answer = own.packages(("", &everywhere), &every, &wanted).await;
        let answer = answer.unwrap();
        seen.extend(answer.packages.iter().map(|p| p.name.clone()));
        if answer.next_page_token.is_empty() {
            break;
        }
        wanted.token = answer.next_page_token;
    }
    assert_eq!(seen, ["musl", "musl", "musl", "zlib", "zlib", "zlib"]);
}

#[tokio::test]
async fn packages_keep_to_their_project_and_roles_to_their_bucket() {
    let server = TestServer::start().await;
    let admin = server.admin();
    let build = two_buckets(&admin).await;
    let second = second_project(&server).await;
    let foreign = admin.with_scope(&second.organization_id, &second.id);
    assert!(
        found(&foreign, &PackagePlace::default(), &named("zlib"))
            .await
            .is_empty()
    );
    let every = PackageFilter::default();
    let first = Page::default();
    let place = ("debian", "one", &*build);
    for refused in [
        refusal(foreign.list_build_packages(place, &every, &first).await),
        refusal(foreign.list_bucket_packages("debian", &every, &first).await),
        refusal(admin.list_bucket_packages("none", &every, &first).await),
        refusal(
            admin
                .list_build_packages(("debian", "none", &build), &every, &first)
                .await,
        ),
        refusal(
            admin
                .list_build_packages(("debian", "one", "none"), &every, &first)
                .await,
        ),
    ] {
        assert!(refused.starts_with("404/5"), "{refused}");
    }
    let bucket = admin.see_bucket("debian").await.id;
    let narrow = server
        .principal("narrow", Scope::Bucket(bucket), Role::Viewer)
        .await;
    let debian = PackagePlace {
        bucket: Some("debian".into()),
        version: None,
    };
    assert_eq!(found(&narrow, &debian, &named("zlib")).await.len(), 1);
    let own = narrow.own();
    let everywhere = own
        .packages(("", &PackagePlace::default()), &every, &Part::default())
        .await;
    assert!(refusal(everywhere).starts_with("403/7"));
    let alpine = narrow.list_bucket_packages("alpine", &every, &first).await;
    assert!(refusal(alpine).starts_with("403/7"));
}

#[tokio::test]
async fn vulnerabilities_are_not_scanned_and_never_look_clean() {
    let server = TestServer::start().await;
    let admin = server.admin();
    two_buckets(&admin).await;
    let bucket = admin.scope().unwrap().bucket("alpine");
    for path in [
        "packages/with-vulnerabilities",
        "packages/vulnerability-summary",
        "vulnerabilities",
    ] {
        let answer = admin
            .send(Method::GET, &format!("{bucket}/{path}"), None)
            .await
            .unwrap();
        let body: serde_json::Value = answer.json().unwrap();
        assert_eq!((answer.status, &body["code"]), (501, &json!(12)), "{path}");
    }
}
