//! One request over a connection of its own, byte by byte: to see exactly what a load generator will be sent.

use std::{
    fmt::Write as _,
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    sync::Arc,
    time::Duration,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};

use crate::Done;

/// Where a server is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Host and port.
    pub(crate) address: &'a str,
    /// The file of the certificate authority when it speaks TLS.
    pub(crate) authority: Option<&'a Path>,
}

/// A request, and the status that its answer must have.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) headers: Vec<(&'static str, String)>,
    /// JSON; empty for none.
    pub(crate) body: String,
    pub(crate) status: u16,
}

impl Ask {
    /// Asks for a path, as nobody.
    pub(crate) fn get(path: impl Into<String>) -> Self {
        Self {
            method: "GET",
            path: path.into(),
            headers: Vec::new(),
            body: String::new(),
            status: 200,
        }
    }

    /// Sends JSON to a path, as nobody.
    pub(crate) fn post(path: impl Into<String>, body: String) -> Self {
        Self {
            method: "POST",
            body,
            ..Self::get(path).with("Content-Type", "application/json")
        }
    }

    /// The same with one header more.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The same as whoever has this token.
    pub(crate) fn by(self, token: &str) -> Self {
        self.with("Authorization", format!("Bearer {token}"))
    }

    /// The same of somebody who has the answer already.
    pub(crate) fn unless(self, etag: &str) -> Self {
        Self {
            status: 304,
            ..self.with("If-None-Match", etag)
        }
    }
}

/// An answer as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Status line and headers with the empty line behind them, in small letters.
    pub(crate) head: String,
    /// The body; with the sizes of its parts when it was sent in parts.
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header, named in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        value(&self.head, name)
    }

    /// Bytes of all of it.
    pub(crate) fn size(&self) -> u64 {
        (self.head.len() + self.body.len()) as u64
    }
}

fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        (found == name).then(|| value.trim())
    })
}

/// Asks, and takes nothing but the status that is wanted.
pub(crate) fn send(place: Place<'_>, ask: &Ask) -> Done<Answer> {
    let mut stream = connect(place)?;
    let mut text = format!(
        "{} {} HTTP/1.1\r\nHost: {}\r\n",
        ask.method, ask.path, place.address
    );
    for (name, value) in &ask.headers {
        write!(text, "{name}: {value}\r\n")?;
    }
    if !ask.body.is_empty() {
        write!(text, "Content-Length: {}\r\n", ask.body.len())?;
    }
    // No word of closing the connection: the answer must be the one that a load generator gets.
    stream.write_all(format!("{text}\r\n{}", ask.body).as_bytes())?;
    stream.flush()?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 16_384];
    loop {
        if let Some(answer) = parse(&bytes, ask)? {
            return Ok(answer);
        }
        let count = stream.read(&mut buffer)?;
        if count == 0 {
            return Err("the connection was closed within an answer".into());
        }
        bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
    }
}

trait Stream: Read + Write {}
impl<T: Read + Write> Stream for T {}

fn connect(place: Place<'_>) -> Done<Box<dyn Stream>> {
    let stream = TcpStream::connect(place.address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let Some(authority) = place.authority else {
        return Ok(Box::new(stream));
    };
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(authority).map_err(|error| error.to_string())?)?;
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost")?;
    let session = ClientConnection::new(Arc::new(config), name)?;
    Ok(Box::new(StreamOwned::new(session, stream)))
}

/// The answer, once all of it is there.
fn parse(bytes: &[u8], ask: &Ask) -> Done<Option<Answer>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let (head, body) = bytes.split_at(end + 4);
    let head = std::str::from_utf8(head)?.to_ascii_lowercase();
    if !head.starts_with(&format!("http/1.1 {} ", ask.status)) {
        let (path, status) = (&ask.path, ask.status);
        return Err(format!("{path}: not an answer of status {status}: {head}").into());
    }
    let whole = if value(&head, "transfer-encoding") == Some("chunked") {
        body.ends_with(b"0\r\n\r\n")
    } else {
        let length = value(&head, "content-length").unwrap_or("0");
        // What is not sent with 304 may have a length all the same.
        ask.status == 304 || body.len() >= length.parse::<usize>()?
    };
    Ok(whole.then(|| Answer {
        head,
        body: body.to_vec(),
    }))
}
