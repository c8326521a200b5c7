//! The `touchmark` command as a process.

use std::io;
use std::process::{Command, Output};

fn touchmark(arguments: &[&str]) -> io::Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_touchmark"))
        .args(arguments)
        .output()
}

#[test]
fn version_goes_to_stdout() -> io::Result<()> {
    let output = touchmark(&["version"])?;
    assert!(output.status.success() && output.stderr.is_empty());
    assert_eq!(output.stdout, b"touchmark 0.1.0\n");
    let output = touchmark(&["version", "--json"])?;
    assert_eq!(
        output.stdout,
        b"{\n  \"name\": \"touchmark\",\n  \"version\": \"0.1.0\"\n}\n"
    );
    Ok(())
}

#[test]
fn unknown_commands_exit_with_2() -> io::Result<()> {
    for arguments in [&[][..], &["fly"], &["version", "--wings"]] {
        let output = touchmark(arguments)?;
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty() && !output.stderr.is_empty());
    }
    Ok(())
}
