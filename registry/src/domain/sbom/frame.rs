//! The zstd frame that a document travels and is kept in.

use std::io::{self, Read as _};

use zstd::{stream::read::Decoder, zstd_safe};

use crate::domain::limit;

/// With what every frame begins that has content.
const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];
/// How far back a frame may refer, as a power of two; what compressors use short of odd settings.
const WINDOW: u32 = 27;
/// How hard documents are compressed to be kept: with a window of 4 MiB, which each reader must have.
const LEVEL: i32 = 9;

/// The content of what must be exactly one frame.
pub(super) fn expand(frame: &[u8]) -> Result<Vec<u8>, &'static str> {
    if !frame.starts_with(&MAGIC) {
        return Err("must be a zstd frame");
    }
    match zstd_safe::find_frame_compressed_size(frame) {
        Ok(length) if length == frame.len() => {}
        Ok(_) => return Err("must be one zstd frame with nothing behind it"),
        Err(_) => return Err("is not a whole zstd frame"),
    }
    let mut content = Vec::new();
    let read = Decoder::with_buffer(frame).and_then(|mut decoder| {
        decoder.window_log_max(WINDOW)?;
        // One more tells whether there is more.
        let most = u64::try_from(limit::SBOM_DOCUMENT).unwrap_or(u64::MAX) + 1;
        decoder.single_frame().take(most).read_to_end(&mut content)
    });
    if read.is_err() {
        return Err("cannot be expanded: the zstd frame is damaged, or needs too much memory");
    }
    if content.len() > limit::SBOM_DOCUMENT {
        return Err("must not expand to more than 268435456 bytes");
    }
    Ok(content)
}

/// The frame in which a document is kept: always ours, so that reading it back takes little memory
/// whatever was uploaded.
pub(super) fn pack(content: &[u8]) -> io::Result<Vec<u8>> {
    zstd::encode_all(content, LEVEL)
}

/// A kept document that is expanded bit by bit.
#[expect(missing_debug_implementations, reason = "neither has the decoder")]
pub struct Expansion(Decoder<'static, io::Cursor<Vec<u8>>>);

impl Expansion {
    /// Begins.
    pub fn new(frame: Vec<u8>) -> io::Result<Self> {
        Decoder::with_buffer(io::Cursor::new(frame)).map(Self)
    }

    /// The next bytes, at most so many; `None` at the end.
    pub fn part(&mut self, most: usize) -> io::Result<Option<Vec<u8>>> {
        let mut part = vec![0; most];
        let length = self.0.read(&mut part)?;
        part.truncate(length);
        Ok(Some(part).filter(|part| !part.is_empty()))
    }
}
