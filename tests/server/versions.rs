//! What the programs say of themselves.

use touchmark_tests::Machine;

#[test]
fn the_client_prints_its_version_as_text_and_as_json() {
    let machine = Machine::new();
    let text = machine.run("touchmark", &["version"]);
    assert_eq!((text.code, text.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(text.stdout, @"touchmark 0.1.0");
    let json = machine.run("touchmark", &["version", "--json"]);
    assert_eq!((json.code, json.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(json.stdout, @r#"
    {
      "name": "touchmark",
      "version": "0.1.0"
    }
    "#);
}

#[test]
fn the_server_prints_its_version() {
    let ended = Machine::new().run("touchmark-registry", &["--version"]);
    assert_eq!(ended.code, Some(0));
    insta::assert_snapshot!(ended.stdout, @"touchmark-registry 0.1.0");
}
