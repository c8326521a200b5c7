//! `touchmark events`.

use crate::seed::seeded;

#[tokio::test]
async fn events_are_filtered_and_limited() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("events --bucket alpine --action channel.assigned").await, @r#"
    exit 0
    stdout:
    AT                    ACTION            KIND     RESOURCE    BY
    <time>  channel.assigned  channel  staging     admin
    <time>  channel.assigned  channel  production  admin
    <time>  channel.assigned  channel  production  admin
    <time>  channel.assigned  channel  latest      admin
    <time>  channel.assigned  channel  latest      admin
    <time>  channel.assigned  channel  latest      admin
    "#);
    insta::assert_snapshot!(cli.run("events --oldest-first --limit 3 --json=sequence,action").await, @r#"
    exit 0
    stdout:
    [
      {
        "action": "organization.created",
        "sequence": 1
      },
      {
        "action": "project.created",
        "sequence": 2
      },
      {
        "action": "registry.created",
        "sequence": 3
      }
    ]
    "#);
    insta::assert_snapshot!(cli.run("events --actor nobody").await, @r#"
    exit 0
    stdout:
    Nothing happened, or nothing that is like that: touchmark events
    "#);
    insta::assert_snapshot!(cli.run("events --bucket nowhere").await, @r#"
    exit 5
    stderr:
    touchmark: bucket with identifier nowhere does not exist
      touchmark bucket list
    "#);
    insta::assert_snapshot!(cli.run("events --since yesterday").await, @r#"
    exit 1
    stderr:
    touchmark: query.since: must be a time such as <time>
    "#);
    insta::assert_snapshot!(cli.run("events --limit 0").await, @r#"
    exit 2
    stderr:
    error: invalid value '0' for '--limit <NUMBER>': 0 is not in 1..=4294967295

    For more information, try '--help'.
    "#);
}

#[tokio::test]
async fn all_pages_are_read() {
    let (_server, cli) = seeded().await;
    let all = cli.json("events --limit 10000").await;
    let count = all.as_array().expect("an array").len();
    assert!(count > 30, "{count}");
    for _ in 0..5 {
        for name in ["a", "b"] {
            cli.run(&format!("channel create alpine:{name}")).await;
            cli.run(&format!("channel delete alpine:{name} --yes"))
                .await;
        }
    }
    let more = cli.json("events --limit 10000").await;
    assert_eq!(more.as_array().expect("an array").len(), count + 20);
}
