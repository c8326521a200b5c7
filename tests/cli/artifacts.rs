//! `touchmark artifact find`.

use crate::seed::seeded;

#[tokio::test]
async fn artifacts_are_found_by_their_ids() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("artifact find ami-0a1b2c3d4e5f60002 ami-1a1b2c3d4e5f60003 ami-0a1b2c3d4e5f60002").await, @r#"
    exit 0
    stdout:
    ID                     BUCKET  VERSION  STATUS  COMPONENT        PLATFORM  REGION        CHANNELS
    ami-0a1b2c3d4e5f60002  alpine  v2       active  amazon-ebs.base  aws       us-east-1     production
    ami-1a1b2c3d4e5f60003  alpine  v3       active  amazon-ebs.base  aws       eu-central-1  latest, staging
    "#);
    insta::assert_snapshot!(cli.run("artifact find ami-0a1b2c3d4e5f60002 --region eu-central-1").await, @r#"
    exit 5
    stdout:
    ID                     BUCKET  VERSION  STATUS     COMPONENT  PLATFORM  REGION  CHANNELS
    ami-0a1b2c3d4e5f60002  -       -        not found  -          -         -       -
    stderr:
    touchmark: not known to the registry: ami-0a1b2c3d4e5f60002 (1 of 1)
    "#);
    cli.run("version revoke alpine:v1 --message old --yes")
        .await;
    insta::assert_snapshot!(cli.run("artifact find ami-0a1b2c3d4e5f60001 --platform aws").await, @r#"
    exit 0
    stdout:
    ID                     BUCKET  VERSION  STATUS   COMPONENT        PLATFORM  REGION     CHANNELS
    ami-0a1b2c3d4e5f60001  alpine  v1       revoked  amazon-ebs.base  aws       us-east-1  -
    "#);
}

#[tokio::test]
async fn ids_that_nobody_knows_are_named_beside_those_that_are_known() {
    let (_server, cli) = seeded().await;
    insta::assert_snapshot!(cli.run("artifact find ami-1 ami-0a1b2c3d4e5f60001 ami-2").await, @r#"
    exit 5
    stdout:
    ID                     BUCKET  VERSION  STATUS     COMPONENT        PLATFORM  REGION     CHANNELS
    ami-1                  -       -        not found  -                -         -          -
    ami-0a1b2c3d4e5f60001  alpine  v1       active     amazon-ebs.base  aws       us-east-1  -
    ami-2                  -       -        not found  -                -         -          -
    stderr:
    touchmark: not known to the registry: ami-1, ami-2 (2 of 3)
    "#);
    insta::assert_snapshot!(cli.run("artifact find ami-1 --json").await, @r#"
    exit 5
    stdout:
    [
      {
        "found": [],
        "id": "ami-1"
      }
    ]
    stderr:
    touchmark: not known to the registry: ami-1 (1 of 1)
    "#);
}

#[tokio::test]
async fn ids_come_from_standard_input_and_csv_files_too() {
    let (_server, cli) = seeded().await;
    let ids = "ami-0a1b2c3d4e5f60001\n\n  ami-0a1b2c3d4e5f60002\r\n";
    insta::assert_snapshot!(cli.fed("artifact find -", ids).await, @r#"
    exit 0
    stdout:
    ID                     BUCKET  VERSION  STATUS  COMPONENT        PLATFORM  REGION     CHANNELS
    ami-0a1b2c3d4e5f60001  alpine  v1       active  amazon-ebs.base  aws       us-east-1  -
    ami-0a1b2c3d4e5f60002  alpine  v2       active  amazon-ebs.base  aws       us-east-1  production
    "#);
    insta::assert_snapshot!(cli.fed("artifact find -", "\n").await, @r#"
    exit 2
    stderr:
    touchmark: there are no ids in what was given
    "#);
    let csv = "host,resource\n\"a,b\",ami-0a1b2c3d4e5f60003\nc,\nd\n";
    cli.file("scan.csv", csv);
    insta::assert_snapshot!(cli.run("artifact find --csv scan.csv --column resource").await, @r#"
    exit 0
    stdout:
    ID                     BUCKET  VERSION  STATUS  COMPONENT        PLATFORM  REGION     CHANNELS
    ami-0a1b2c3d4e5f60003  alpine  v3       active  amazon-ebs.base  aws       us-east-1  latest, staging
    "#);
    insta::assert_snapshot!(cli.fed("artifact find --csv - --column resource", csv).await, @r#"
    exit 0
    stdout:
    ID                     BUCKET  VERSION  STATUS  COMPONENT        PLATFORM  REGION     CHANNELS
    ami-0a1b2c3d4e5f60003  alpine  v3       active  amazon-ebs.base  aws       us-east-1  latest, staging
    "#);
    insta::assert_snapshot!(cli.run("artifact find --csv scan.csv --column id").await, @r#"
    exit 2
    stderr:
    touchmark: scan.csv has no column id; it has host, resource
    "#);
    insta::assert_snapshot!(cli.run("artifact find --csv none.csv --column id").await, @r#"
    exit 1
    stderr:
    touchmark: none.csv cannot be read: No such file or directory (os error 2)
    "#);
    insta::assert_snapshot!(cli.run("artifact find").await, @r#"
    exit 2
    stderr:
    error: the following required arguments were not provided:
      <ID>...

    Usage: touchmark artifact find <ID>...

    For more information, try '--help'.
    "#);
}
