//! A walk along every link: nothing changes by looking, nothing is broken, nothing leads nowhere.

use std::collections::{BTreeSet, VecDeque};

use touchmark_tests::{
    TestServer,
    pages::{Filled, VIEWS},
};

use crate::kit::{Answer, Browser};

/// Pages that one walk looks at, at most.
const MOST: usize = 1_000;

/// Every answer that links lead to from the views.
pub(crate) async fn crawl(browser: &Browser, filled: &Filled) -> Vec<Answer> {
    let signed_in = browser.cookies().contains_key(crate::kit::SESSION);
    let views = VIEWS.iter().filter(|view| view.signed_in == signed_in);
    let mut waiting: VecDeque<String> = views.map(|view| filled.fill(view.address)).collect();
    let mut known: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut answers = Vec::new();
    while let Some(address) = waiting.pop_front() {
        let answer = browser.get(&address).await;
        let mut links = match answer.location() {
            "" => Vec::new(),
            location => vec![location.to_owned()],
        };
        if answer.is_page() {
            links.extend(answer.links());
        }
        for link in links {
            if known.insert(link.clone()) {
                waiting.push_back(link);
            }
        }
        answers.push(answer);
        assert!(answers.len() <= MOST, "the walk does not end: {address}");
    }
    answers
}

#[tokio::test]
async fn looking_changes_nothing() {
    let server = TestServer::start().await;
    let filled = Filled::make(&server).await;
    let admin = Browser::admin(&server).await;
    let before = server.rows();
    let answers = crawl(&admin, &filled).await;
    let after = server.rows();
    assert!(answers.len() >= VIEWS.len() / 2, "{}", answers.len());
    assert!(before["events"].len() > 10, "there is nothing to change");
    for (table, rows) in &before {
        assert_eq!(rows, &after[table], "{table}");
    }
}

/// Where links lead that there is no page for yet. Whoever makes the page takes its line out.
const NOT_YET: &[&str] = &[];

#[tokio::test]
async fn no_link_leads_nowhere() {
    let server = TestServer::start().await;
    let filled = Filled::make(&server).await;
    let mut answers = crawl(&Browser::admin(&server).await, &filled).await;
    answers.extend(crawl(&Browser::new(&server), &filled).await);
    let expected = |answer: &Answer| {
        let mut views = VIEWS
            .iter()
            .filter(|view| filled.fill(view.address) == answer.address);
        views.any(|view| view.status == answer.status)
    };
    let broken: Vec<_> = answers
        .iter()
        .filter(|answer| answer.status >= 400 && !expected(answer))
        .collect();
    let mut made: BTreeSet<&str> = NOT_YET.iter().copied().collect();
    let mut dead = Vec::new();
    for answer in broken {
        match NOT_YET.iter().find(|part| answer.address.contains(**part)) {
            Some(part) if answer.status == 404 => {
                made.remove(part);
            }
            _ => dead.push(format!("{} {}", answer.status, answer.address)),
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
    assert!(made.is_empty(), "there are pages for {made:?}");
}
