-- How people sign in to the web pages: passwords, links that set one, and sessions.
--
-- Times are microseconds since 1970 (UTC).
-- The twin of this file for the other database has the same tables and columns.

-- A person signs in by name alone, so it is unique over all organizations.
CREATE UNIQUE INDEX people_by_name ON principals (name) WHERE kind = 'user';

-- argon2id, as a PHC string.
CREATE TABLE passwords (
    principal_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES principals (id) ON DELETE CASCADE,
    hash TEXT COLLATE "C" NOT NULL,
    changed_at BIGINT NOT NULL
);

-- A link that sets a password, once. Without a principal it makes the first admin of the organization, who
-- chooses a name. Only the SHA-256 of what is in the link is kept.
CREATE TABLE invitations (
    digest BYTEA NOT NULL PRIMARY KEY,
    organization_id TEXT COLLATE "C" NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    principal_id TEXT COLLATE "C" UNIQUE REFERENCES principals (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX invitations_by_organization ON invitations (organization_id);

-- Who is signed in, and from where. Only the SHA-256 of the cookie is kept. `generation` is that of the
-- principal: when it goes up, the session has ended.
CREATE TABLE sessions (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    digest BYTEA NOT NULL UNIQUE,
    principal_id TEXT COLLATE "C" NOT NULL REFERENCES principals (id) ON DELETE CASCADE,
    generation BIGINT NOT NULL,
    address TEXT COLLATE "C" NOT NULL,
    agent TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    used_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_principal ON sessions (principal_id, id);
