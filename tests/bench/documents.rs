//! SBOMs as Packer sends them.

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use touchmark_wire::sbom::{SbomFormat, UploadSbomBody};

/// A zstd frame of this content that does not compress it.
pub fn frame(content: &[u8]) -> Vec<u8> {
    const MOST: usize = 128 * 1_024;
    let mut frame = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x38];
    let mut parts = content.chunks(MOST).peekable();
    while let Some(part) = parts.next() {
        let last = u32::from(parts.peek().is_none());
        let length = u32::try_from(part.len()).expect("a length");
        frame.extend_from_slice(&(length << 3 | last).to_le_bytes()[..3]);
        frame.extend_from_slice(part);
    }
    frame
}

/// The body that uploads these bytes as they are.
pub fn upload_of(format: SbomFormat, bytes: &[u8], name: &str) -> UploadSbomBody {
    UploadSbomBody {
        compressed_sbom: BASE64.encode(bytes),
        format: Some(format),
        name: name.to_owned(),
    }
}

/// The body that uploads a document.
pub fn upload(format: SbomFormat, document: &serde_json::Value, name: &str) -> UploadSbomBody {
    upload_of(format, &frame(document.to_string().as_bytes()), name)
}
