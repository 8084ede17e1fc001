-- What the HTTP server keeps. Times are milliseconds since 1970, days are YYYY-MM-DD, all in UTC.

CREATE TABLE accounts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    email      TEXT,
    suspended  INTEGER NOT NULL DEFAULT 0,
    -- What requests fall back to.
    mode       TEXT NOT NULL DEFAULT 'balanced',
    level_jpg  INTEGER NOT NULL DEFAULT 85,
    level_png  INTEGER NOT NULL DEFAULT 85,
    level_gif  INTEGER NOT NULL DEFAULT 85,
    -- Bytes of originals in a month; NULL is no quota.
    plan_bytes INTEGER,
    -- Totals that go down for nothing.
    originals  INTEGER NOT NULL DEFAULT 0,
    outputs    INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE tokens (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- Of the token; the token itself is nowhere.
    hash       BLOB NOT NULL UNIQUE,
    -- Its first characters, so that people can tell one from another.
    hint       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE images (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id  INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    mode        TEXT NOT NULL,
    level       INTEGER NOT NULL,
    origin      TEXT NOT NULL,
    keep_tags   INTEGER NOT NULL,
    -- Whether somebody waits for it. Those go first, and no webhook tells of them.
    waited_for  INTEGER NOT NULL,
    bytes       INTEGER NOT NULL,
    width       INTEGER NOT NULL,
    height      INTEGER NOT NULL,
    format      TEXT NOT NULL,
    peak_memory INTEGER NOT NULL,
    filename    TEXT NOT NULL,
    file_key    TEXT NOT NULL UNIQUE,
    etag        TEXT NOT NULL,
    status      TEXT NOT NULL,
    -- Whether a worker of the server that runs now is at it.
    claimed     INTEGER NOT NULL DEFAULT 0,
    -- How often a worker began.
    attempts    INTEGER NOT NULL DEFAULT 0,
    -- The day that its bytes count for.
    day         TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    expire_at   INTEGER,
    -- Whether its files are gone.
    cleared     INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX images_by_account ON images (account_id, id);
CREATE INDEX images_waiting ON images (waited_for DESC, id) WHERE status IN ('enqueued', 'processing');
CREATE INDEX images_expiring ON images (expire_at) WHERE cleared = 0;

-- An image is never further back than it was.
CREATE TRIGGER images_move_forward BEFORE UPDATE OF status ON images
WHEN (OLD.status IN ('completed', 'error') AND NEW.status <> OLD.status)
    OR (OLD.status = 'processing' AND NEW.status = 'enqueued')
BEGIN
    SELECT RAISE(ABORT, 'an image does not go back');
END;

CREATE TABLE outputs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    image_id   INTEGER NOT NULL REFERENCES images (id) ON DELETE CASCADE,
    -- NULL for the full-size output.
    style      TEXT,
    -- The style as JSON, NULL for the full-size output.
    resize     TEXT,
    status     TEXT NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    bytes      INTEGER NOT NULL DEFAULT 0,
    error      TEXT,
    file_key   TEXT NOT NULL UNIQUE,
    etag       TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expire_at  INTEGER
) STRICT;

CREATE INDEX outputs_by_image ON outputs (image_id, id);

CREATE TABLE usage (
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    day        TEXT NOT NULL,
    origin     TEXT NOT NULL,
    images     INTEGER NOT NULL,
    -- Of the originals that counted.
    bytes      INTEGER NOT NULL,
    PRIMARY KEY (account_id, day, origin)
) STRICT, WITHOUT ROWID;

CREATE TABLE callbacks (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    url        TEXT NOT NULL,
    -- Signs what is sent there, so it cannot be a hash.
    secret     BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (account_id, url)
) STRICT;

CREATE TABLE deliveries (
    id          TEXT PRIMARY KEY,
    callback_id INTEGER NOT NULL REFERENCES callbacks (id) ON DELETE CASCADE,
    body        TEXT NOT NULL,
    tries       INTEGER NOT NULL DEFAULT 0,
    -- NULL when there will be no further try.
    next_at     INTEGER,
    -- Whether the server that runs now is at it.
    taken       INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX deliveries_waiting ON deliveries (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX deliveries_by_callback ON deliveries (callback_id);
