//! Lists of buckets: pages, both ways, and their order.

use std::time::Duration;

use insta::assert_snapshot;
use touchmark_client::{Method, Page};
use touchmark_tests::{Client, Story, TestServer, refusal};

use crate::kit::page;

/// Buckets `c`, `a`, `e`, `b`, `d`, made in this order, a second apart.
async fn five(server: &TestServer) -> Client {
    let admin = server.admin();
    for name in ["c", "a", "e", "b", "d"] {
        admin.bucket(name).await;
        server.advance(Duration::from_secs(1));
    }
    admin
}

/// The names on a page, and the tokens of the pages after and before it.
async fn names(client: &Client, page: &Page) -> (String, String, String) {
    let answer = client.list_buckets(page).await.expect("a list");
    let tokens = answer.pagination.expect("tokens");
    let names = answer
        .buckets
        .into_iter()
        .map(|bucket| bucket.name)
        .collect();
    (names, tokens.next_page_token, tokens.previous_page_token)
}

fn sorted(order: &str) -> Page {
    Page {
        order_by: vec![order.to_owned()],
        ..Page::default()
    }
}

#[tokio::test]
async fn a_list_is_sorted_by_name() {
    let server = TestServer::start().await;
    let admin = five(&server).await;
    let (all, next, previous) = names(&admin, &Page::default()).await;
    assert_eq!(
        (all.as_str(), next.as_str(), previous.as_str()),
        ("abcde", "", "")
    );
}

#[tokio::test]
async fn order_by_turns_a_list_round() {
    let server = TestServer::start().await;
    let admin = five(&server).await;
    let expected = [
        ("name", "abcde"),
        ("name asc", "abcde"),
        ("name desc", "edcba"),
        ("created_at", "caebd"),
        ("created_at desc", "dbeac"),
        ("name desc,created_at", "edcba"),
    ];
    for (order, expected) in expected {
        assert_eq!(names(&admin, &sorted(order)).await.0, expected, "{order}");
    }
}

#[tokio::test]
async fn upper_case_comes_before_lower_case_on_every_database() {
    let server = TestServer::start().await;
    let admin = server.admin();
    for name in ["b", "a", "B", "A"] {
        admin.bucket(name).await;
    }
    assert_eq!(names(&admin, &Page::default()).await.0, "ABab");
}

#[tokio::test]
async fn pages_can_be_walked_both_ways() {
    let server = TestServer::start().await;
    let admin = five(&server).await;
    for (order, pages) in [
        ("name", ["ab", "cd", "e"]),
        ("name desc", ["ed", "cb", "a"]),
        ("created_at", ["ca", "eb", "d"]),
    ] {
        let first = Page {
            size: Some(2),
            ..sorted(order)
        };
        let forth = |token: String| Page {
            next_page_token: Some(token),
            ..first.clone()
        };
        let back = |token: String| Page {
            previous_page_token: Some(token),
            ..first.clone()
        };
        let (one, next, previous) = names(&admin, &first).await;
        assert_eq!((one.as_str(), previous.as_str()), (pages[0], ""), "{order}");
        let (two, next, _) = names(&admin, &forth(next)).await;
        assert_eq!(two, pages[1], "{order}");
        let (three, next, previous) = names(&admin, &forth(next)).await;
        assert_eq!((three.as_str(), next.as_str()), (pages[2], ""), "{order}");
        let (two, _, previous) = names(&admin, &back(previous)).await;
        assert_eq!(two, pages[1], "{order}");
        let (one, _, previous) = names(&admin, &back(previous)).await;
        assert_eq!((one.as_str(), previous.as_str()), (pages[0], ""), "{order}");
    }
}

#[tokio::test]
async fn a_bucket_that_goes_meanwhile_hides_no_other() {
    let server = TestServer::start().await;
    let admin = five(&server).await;
    let (_, next, _) = names(&admin, &page(2)).await;
    admin.delete_bucket("b").await.unwrap();
    let second = Page {
        next_page_token: Some(next),
        ..page(2)
    };
    assert_eq!(names(&admin, &second).await.0, "cd");
}

#[tokio::test]
async fn a_list_of_another_projects_buckets_is_not_shown() {
    let server = TestServer::start().await;
    let admin = five(&server).await;
    let second = crate::kit::second_project(&server).await;
    let there = admin.with_scope(&second.organization_id, &second.id);
    there.bucket("a").await;
    assert_eq!(names(&there, &Page::default()).await.0, "a");
}

#[tokio::test]
async fn an_unknown_field_cannot_sort() {
    let server = TestServer::start().await;
    let answer = refusal(server.admin().list_buckets(&sorted("size")).await);
    assert_snapshot!(answer, @r#"400/3 sorting.order_by: cannot sort by "size", only by name, created_at"#);
}

#[tokio::test]
async fn an_order_that_is_none_is_refused() {
    let server = TestServer::start().await;
    for order in ["name up", "name asc desc"] {
        let answer = refusal(server.admin().list_buckets(&sorted(order)).await);
        assert!(answer.starts_with("400/3 sorting.order_by"), "{answer}");
    }
}

#[tokio::test]
async fn a_token_that_was_not_given_is_refused() {
    let server = TestServer::start().await;
    let admin = five(&server).await;
    let (_, next, _) = names(&admin, &page(2)).await;
    let forth = |token: &str| Page {
        next_page_token: Some(token.to_owned()),
        ..page(2)
    };
    for token in ["junk", "e30", "bnVsbA", &next[1..]] {
        let answer = refusal(admin.list_buckets(&forth(token)).await);
        assert!(
            answer.starts_with("400/3 pagination.next_page_token"),
            "{answer}"
        );
    }
    let turned = Page {
        order_by: vec!["name desc".into()],
        ..forth(&next)
    };
    assert!(refusal(admin.list_buckets(&turned).await).starts_with("400/3"));
    let back = Page {
        previous_page_token: Some(next.clone()),
        ..page(2)
    };
    assert!(refusal(admin.list_buckets(&back).await).starts_with("400/3"));
}

#[tokio::test]
async fn both_tokens_together_are_refused() {
    let server = TestServer::start().await;
    let admin = five(&server).await;
    let (_, next, _) = names(&admin, &page(2)).await;
    let both = Page {
        next_page_token: Some(next.clone()),
        previous_page_token: Some(next),
        ..page(2)
    };
    assert!(refusal(admin.list_buckets(&both).await).starts_with("400/3 pagination"));
}

#[tokio::test]
async fn a_page_size_is_a_number_and_0_means_the_default() {
    let server = TestServer::start().await;
    let admin = five(&server).await;
    assert_eq!(names(&admin, &page(0)).await.0, "abcde");
    assert_eq!(names(&admin, &page(1_000_000)).await.0, "abcde");
    for size in ["ten", "-1", "1.5"] {
        let path = admin.scope().unwrap().buckets();
        let path = format!("{path}?pagination.page_size={size}");
        let answer = admin.send(Method::GET, &path, None).await.unwrap();
        let status: touchmark_tests::wire::error::Status = answer.json().unwrap();
        assert_eq!((answer.status, status.code.number()), (400, 3), "{size}");
    }
}
