//! Files as artifacts: the folder is the region, the name the id; size and SHA-256 are labels of the build.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::artifacts::Image;

/// Files of a build at most that get labels: a build has 64.
const LABELLED: usize = 20;

/// A path as region and id, in the way of Packer's own builder `file`: the folder in its shortest form, and the name.
pub(crate) fn image(path: &str) -> Image {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if !matches!(parts.last(), None | Some(&"..")) => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    let name = parts.pop().unwrap_or(path).to_owned();
    let folder = parts.join("/");
    let region = match (path.starts_with('/'), folder.is_empty()) {
        (true, _) => format!("/{folder}"),
        (false, true) => ".".to_owned(),
        (false, false) => folder,
    };
    Image { region, id: name }
}

/// `NAME.sha256` and `NAME.size` (bytes) for each file that can be read.
pub(crate) fn labels<'a>(paths: impl Iterator<Item = &'a str>) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::new();
    for path in paths.take(LABELLED) {
        let name = image(path).id;
        if let Ok((digest, size)) = digest(Path::new(path)) {
            labels.insert(format!("{name}.sha256"), digest);
            labels.insert(format!("{name}.size"), size.to_string());
        }
    }
    labels
}

fn digest(path: &Path) -> io::Result<(String, u64)> {
    let mut file = File::open(path)?;
    let mut digest = Sha256::new();
    let mut piece = vec![0; 1 << 20];
    let mut size = 0;
    loop {
        let read = file.read(&mut piece)?;
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        digest.update(bytes);
        size += u64::try_from(read).unwrap_or(0);
    }
    Ok((format!("{:x}", digest.finalize()), size))
}

#[cfg(test)]
mod tests {
    use super::{image, labels};

    #[test]
    fn folders_are_written_in_their_shortest_form() {
        let place = |path: &str| {
            let image = image(path);
            (image.region, image.id)
        };
        let text = |folder: &str, name: &str| (folder.to_owned(), name.to_owned());
        assert_eq!(place("one.txt"), text(".", "one.txt"));
        assert_eq!(place("./out//a/../two.txt"), text("out", "two.txt"));
        assert_eq!(place("../x"), text("..", "x"));
        assert_eq!(place("/x"), text("/", "x"));
        assert_eq!(place("/srv/images/x"), text("/srv/images", "x"));
    }

    #[test]
    fn files_that_are_gone_have_no_labels() {
        assert!(labels(["/nowhere/at/all"].into_iter()).is_empty());
    }
}
