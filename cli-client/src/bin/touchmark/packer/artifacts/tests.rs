//! The rules, builder by builder.

use super::{Hints, Image, Output, recorded};

fn output(builder_id: &str, id: &str, files: &[&str]) -> Output {
    Output {
        builder_id: builder_id.to_owned(),
        id: id.to_owned(),
        files: files.iter().map(|&path| path.to_owned()).collect(),
    }
}

fn images(pairs: &[(&str, &str)]) -> Vec<Image> {
    let image = |(region, id): &(&str, &str)| Image {
        region: (*region).to_owned(),
        id: (*id).to_owned(),
    };
    pairs.iter().map(image).collect()
}

#[test]
fn amazon_has_an_image_per_region_however_often_it_is_printed() {
    let ami = output(
        "mitchellh.amazonebs",
        "eu-west-1:ami-1,us-east-1:ami-2",
        &[],
    );
    let found = recorded(&[ami.clone(), ami], &Hints::default());
    assert_eq!(found.platform, "aws");
    assert_eq!(
        found.images,
        images(&[("eu-west-1", "ami-1"), ("us-east-1", "ami-2")])
    );
}

#[test]
fn images_without_a_place_in_their_id_get_it_from_the_template() {
    let hints = Hints {
        region: "europe-west1-b".to_owned(),
        source: "debian-12".to_owned(),
        ..Hints::default()
    };
    for (builder, platform) in [
        ("packer.googlecompute", "gce"),
        ("jetbrains.vsphere", "vsphere"),
        ("Azure.ResourceManagement.VMImage", "azure"),
    ] {
        let found = recorded(&[output(builder, "golden-1", &[])], &hints);
        assert_eq!(found.platform, platform);
        assert_eq!(found.images, images(&[("europe-west1-b", "golden-1")]));
        assert_eq!(found.source, "debian-12");
    }
}

#[test]
fn a_container_is_its_digest_and_its_names_are_labels() {
    let outputs = [
        output("packer.post-processor.docker-import", "sha256:abc", &[]),
        output("packer.post-processor.docker-tag", "registry/app:1", &[]),
        output(
            "packer.post-processor.docker-tag",
            "registry/app:latest",
            &[],
        ),
    ];
    let found = recorded(&outputs, &Hints::default());
    assert_eq!(
        (found.platform.as_str(), found.images),
        ("docker", images(&[("docker", "sha256:abc")]))
    );
    assert_eq!(
        found.labels.get("tags").map(String::as_str),
        Some("registry/app:1,registry/app:latest")
    );

    let found = recorded(
        &[output("packer.docker", "Container", &["out/app.tar"])],
        &Hints::default(),
    );
    assert_eq!(found.images, images(&[("out", "app.tar")]));
}

#[test]
fn packers_own_builders_are_recorded_as_packer_does_itself() {
    let outputs = [
        output("packer.file", "File", &["out/two.txt"]),
        output(
            "packer.post-processor.checksum",
            "",
            &["out/two.txt", "two.checksum"],
        ),
        output("packer.file", "File", &["out/two.txt"]),
    ];
    let found = recorded(&outputs, &Hints::default());
    assert_eq!(
        (found.platform.as_str(), found.source.as_str()),
        ("packer.file", "<no-defined-source-file>")
    );
    assert_eq!(found.images, images(&[("out", "two.txt")]));
    assert!(found.labels.is_empty());

    let found = recorded(&[output("fnoeding.null", "Null", &[])], &Hints::default());
    assert_eq!(
        (found.platform.as_str(), found.source.as_str()),
        ("null", "null")
    );
    assert_eq!(found.images, images(&[("null", "Null")]));
}

#[test]
fn of_others_the_files_are_recorded_or_what_they_report() {
    let hints = Hints {
        builder_type: "qemu".to_owned(),
        ..Hints::default()
    };
    let found = recorded(
        &[output(
            "transcend.qemu",
            "VM",
            &["/srv/a.qcow2", "/srv/a.qcow2", "b"],
        )],
        &hints,
    );
    assert_eq!(found.platform, "qemu");
    assert_eq!(found.images, images(&[("/srv", "a.qcow2"), (".", "b")]));
    let found = recorded(&[output("someone.cloud", "img-1", &[])], &hints);
    assert_eq!(found.images, images(&[("", "img-1")]));
    assert!(recorded(&[], &hints).images.is_empty());
}
