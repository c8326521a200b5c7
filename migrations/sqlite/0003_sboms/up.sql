-- Software bills of material. A document is kept once however many builds name it, by the SHA-256 of
-- its JSON, and goes with the last that names it; the packages read from it belong to it.
CREATE TABLE sbom_documents (
    digest TEXT NOT NULL PRIMARY KEY,
    size INTEGER NOT NULL,
    compressed BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- `sequence` is the bucket's revision when the SBOM was first uploaded.
CREATE TABLE sboms (
    id TEXT NOT NULL PRIMARY KEY,
    build_id TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    sequence INTEGER NOT NULL,
    name TEXT NOT NULL,
    format TEXT NOT NULL CHECK (format IN ('CYCLONEDX', 'SPDX')),
    document_digest TEXT NOT NULL REFERENCES sbom_documents (digest),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (build_id, name)
) STRICT;
CREATE INDEX sboms_by_document ON sboms (document_digest, id);

-- Each package of a document once; `position` is its place in the order of name, version and purl.
CREATE TABLE sbom_packages (
    document_digest TEXT NOT NULL REFERENCES sbom_documents (digest) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    purl TEXT NOT NULL,
    PRIMARY KEY (document_digest, position)
) STRICT;
CREATE INDEX sbom_packages_by_name ON sbom_packages (name, document_digest, position);
CREATE INDEX sbom_packages_by_version ON sbom_packages (version, name);
