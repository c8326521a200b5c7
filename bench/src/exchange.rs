//! One request over a plain connection, byte by byte: to see exactly what a load generator will be sent.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

use crate::Done;

/// An answer as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Length of status line and headers with the empty line behind them.
    pub(crate) head: usize,
    /// The body.
    pub(crate) body: Vec<u8>,
}

/// GETs a path, and takes nothing but 200.
pub(crate) fn get(address: &str, path: &str, token: &str) -> Done<Answer> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    // No word of closing the connection: the answer must be the one that a load generator gets.
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n"
    )?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 16_384];
    loop {
        if let Some(answer) = parse(&bytes)? {
            return Ok(answer);
        }
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Err("the connection was closed within an answer".into());
        }
        bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
    }
}

/// The answer, once all of it is there.
fn parse(bytes: &[u8]) -> Done<Option<Answer>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let (head, body) = bytes.split_at(end + 4);
    let text = std::str::from_utf8(head)?.to_ascii_lowercase();
    if !text.starts_with("http/1.1 200 ") {
        return Err(format!("not an answer of status 200: {text}").into());
    }
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .ok_or("an answer without Content-Length")?;
    let length: usize = length.trim().parse()?;
    Ok((body.len() >= length).then(|| Answer {
        head: head.len(),
        body: body.to_vec(),
    }))
}
