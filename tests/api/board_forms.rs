//! The board in its forms: filtered, in pages, as a table.

use touchmark_client::Method;
use touchmark_tests::{
    Answer, BoardFilter, Client, Part, Story as _, TestServer, artifact, done,
    wire::{
        build::UpdateBuildBody,
        own::{BoardList, BoardState, ReasonKind},
    },
};

use crate::{
    board::board,
    errors::bearer,
    kit::{Steps as _, header, http, revoke_in},
};

/// `b`, `c` and `d` are calm, `a` has to act, of `e` nothing is known.
async fn buckets(client: &Client) {
    for bucket in ["a", "b", "c", "d"] {
        client.bucket(bucket).await;
        client.complete(bucket, "one").await;
    }
    client.decide("a", "one", &revoke_in("0s")).await;
    client.bucket("e").await;
}

fn names(board: &BoardList) -> String {
    let names = board.buckets.iter().map(|row| row.bucket_name.as_str());
    names.collect::<Vec<_>>().join(" ")
}

async fn table(client: &Client, query: &str) -> Answer {
    let path = format!("/api/v1/board?format=csv{query}");
    let answer = client.send(Method::GET, &path, None).await;
    answer.expect("an answer")
}

fn text(answer: &Answer) -> String {
    String::from_utf8(answer.body.clone()).expect("a text")
}

#[tokio::test]
async fn buckets_are_chosen_by_state_reason_and_name() {
    let server = TestServer::start().await;
    let admin = server.admin();
    buckets(&admin).await;
    let found = async |filter: BoardFilter| {
        let part = Part::default();
        let answer = admin.own().board(&filter, &part).await;
        let board = answer.expect("a board");
        assert_eq!((board.counts.act, board.counts.calm), (1, 3));
        assert_eq!(board.total, u64::try_from(board.buckets.len()).unwrap());
        names(&board)
    };
    let all = BoardFilter::default();
    assert_eq!(found(all.clone()).await, "a e b c d");
    let states = vec![BoardState::Act, BoardState::Unknown];
    let filter = BoardFilter {
        states,
        ..all.clone()
    };
    assert_eq!(found(filter.clone()).await, "a e");
    let filter = BoardFilter {
        reasons: vec![ReasonKind::NothingComplete],
        ..filter
    };
    assert_eq!(found(filter).await, "e");
    let name = "B".to_owned();
    assert_eq!(found(BoardFilter { name, ..all }).await, "b");
}

#[tokio::test]
async fn pages_follow_each_other() {
    let server = TestServer::start().await;
    let admin = server.admin();
    buckets(&admin).await;
    let (mut part, mut seen) = (Part::default(), Vec::new());
    part.size = Some(2);
    loop {
        let page = admin.own().board(&BoardFilter::default(), &part).await;
        let page = page.expect("a page");
        assert_eq!(page.total, 5);
        seen.push(names(&page));
        if page.next_page_token.is_empty() {
            break;
        }
        part.token = page.next_page_token;
    }
    assert_eq!(seen, ["a e", "b c", "d"]);
    let whole = board(&admin).await;
    assert_eq!(names(&whole), "a e b c d");
}

#[tokio::test]
async fn the_table_has_a_line_for_each_reason() {
    let server = TestServer::start().await;
    let admin = server.admin();
    buckets(&admin).await;
    let answer = table(&admin, "&state=act,calm").await;
    let since = board(&admin).await.buckets[0].reasons[0].since;
    let since = since.expect("a time").to_string();
    assert_eq!(header(&answer, "content-type"), "text/csv; charset=utf-8");
    let head = "bucket,state,reason,severity,since,due,channel,version,text,command";
    let act = format!(
        "a,act,nothing_valid,act,{since},,,v1,every complete version is revoked,touchmark version list a"
    );
    let calm = |name: &str| format!("{name},calm,,,,,,,,");
    let lines = [head.to_owned(), act, calm("b"), calm("c"), calm("d")];
    assert_eq!(text(&answer), format!("{}\n", lines.join("\n")));
    let authorization = bearer(&server).await;
    for (accept, kind) in [
        ("text/csv", "text/csv; charset=utf-8"),
        ("*/*", "application/json"),
    ] {
        let headers = [
            ("Authorization", authorization.as_str()),
            ("Accept", accept),
        ];
        let answer = http(&server, "GET /api/v1/board", &headers, b"").await;
        assert_eq!(header(&answer, "content-type"), kind);
        assert_eq!(header(&answer, "vary"), "Accept");
    }
}

#[tokio::test]
async fn no_cell_of_the_table_is_a_formula() {
    let server = TestServer::start().await;
    let admin = server.admin();
    admin.bucket("app").await;
    for (fingerprint, platform) in [("one", "=cmd|' /C calc'!A0"), ("two", "aws")] {
        admin.version("app", fingerprint).await;
        let build = admin.build("app", fingerprint, "a").await;
        let body = UpdateBuildBody {
            platform: platform.into(),
            artifacts: Some(vec![artifact("x", "")]),
            ..done("x")
        };
        admin.tell(("app", fingerprint, &build), &body).await;
    }
    let text = text(&table(&admin, "").await);
    assert!(text.contains(",'=cmd|' /C calc'!A0 is missing"), "{text}");
    assert!(!text.contains(",="), "{text}");
}
