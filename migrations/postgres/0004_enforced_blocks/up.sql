-- Enforced blocks: provisioners that every build of a linked bucket must run, in versions whose
-- content never changes.

CREATE TABLE enforced_blocks (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    project_id TEXT COLLATE "C" NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name TEXT COLLATE "C" NOT NULL,
    labels TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (project_id, name)
);

-- The latest version of a block is that with the greatest `sequence`.
CREATE TABLE enforced_block_versions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    block_id TEXT COLLATE "C" NOT NULL REFERENCES enforced_blocks (id) ON DELETE CASCADE,
    sequence BIGINT NOT NULL,
    label TEXT COLLATE "C" NOT NULL,
    content TEXT COLLATE "C" NOT NULL,
    template_type TEXT COLLATE "C" NOT NULL CHECK (template_type IN ('UNSET', 'HCL2', 'JSON')),
    additional_description TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (block_id, label),
    UNIQUE (block_id, sequence)
);

-- Which version a bucket is linked to; of a given block it is one at most. A version that is linked
-- cannot be deleted.
CREATE TABLE enforced_block_links (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    block_id TEXT COLLATE "C" NOT NULL REFERENCES enforced_blocks (id) ON DELETE CASCADE,
    version_id TEXT COLLATE "C" NOT NULL REFERENCES enforced_block_versions (id),
    bucket_id TEXT COLLATE "C" NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    UNIQUE (bucket_id, block_id)
);
CREATE INDEX enforced_block_links_by_version ON enforced_block_links (version_id);
CREATE INDEX enforced_block_links_by_block ON enforced_block_links (block_id);
