-- Images on their way to an account and back. An image is known by its content and by what is asked for:
-- the same is sent once, whatever it is called and however often it is wanted.
CREATE TABLE outbox (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    account     TEXT    NOT NULL,           -- its address and its name
    content     BLOB    NOT NULL,           -- BLAKE3
    ask         TEXT    NOT NULL,           -- JSON
    name        TEXT    NOT NULL,
    bytes       INTEGER NOT NULL,
    created_at  INTEGER NOT NULL,
    run         TEXT    NOT NULL,           -- who is at it
    state       TEXT    NOT NULL
        CHECK (state IN ('waiting', 'sending', 'sent', 'done', 'failed', 'cancelled')),
    after_image INTEGER NOT NULL DEFAULT -1, -- the account's newest image before it was sent; -1: it was not
    image       INTEGER,                    -- its number there
    message     TEXT,
    UNIQUE (account, content, ask)
) STRICT;
CREATE UNIQUE INDEX outbox_image ON outbox (account, image) WHERE image IS NOT NULL;

-- What the account's list told: each of its images once, with its line in the history where it has one.
CREATE TABLE account_images (
    account     TEXT    NOT NULL,
    image       INTEGER NOT NULL,
    updated_at  TEXT    NOT NULL,
    original_id INTEGER,
    PRIMARY KEY (account, image)
) STRICT, WITHOUT ROWID;
