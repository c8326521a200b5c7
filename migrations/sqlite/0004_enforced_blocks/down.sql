DROP TABLE enforced_block_links;
DROP TABLE enforced_block_versions;
DROP TABLE enforced_blocks;
