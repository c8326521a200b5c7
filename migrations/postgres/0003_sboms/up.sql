-- Software bills of material. A document is kept once however many builds name it, by the SHA-256 of
-- its JSON, and goes with the last that names it; the packages read from it belong to it.
CREATE TABLE sbom_documents (
    digest TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    size BIGINT NOT NULL,
    compressed BYTEA NOT NULL,
    created_at BIGINT NOT NULL
);

-- `sequence` is the bucket's revision when the SBOM was first uploaded.
CREATE TABLE sboms (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    build_id TEXT COLLATE "C" NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    format TEXT COLLATE "C" NOT NULL CHECK (format IN ('CYCLONEDX', 'SPDX')),
    document_digest TEXT COLLATE "C" NOT NULL REFERENCES sbom_documents (digest),
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (build_id, name)
);
CREATE INDEX sboms_by_document ON sboms (document_digest, id);

-- Each package of a document once; `position` is its place in the order of name, version and purl.
CREATE TABLE sbom_packages (
    document_digest TEXT COLLATE "C" NOT NULL REFERENCES sbom_documents (digest) ON DELETE CASCADE,
    position BIGINT NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    purl TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (document_digest, position)
);
CREATE INDEX sbom_packages_by_name ON sbom_packages (name, document_digest, position);
CREATE INDEX sbom_packages_by_version ON sbom_packages (version, name);
