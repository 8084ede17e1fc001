-- Images that wait or are worked on. What is here when nobody works on it any more is offered again.
CREATE TABLE queued (
    id         INTEGER PRIMARY KEY,
    run        TEXT    NOT NULL,
    batch      TEXT    NOT NULL,
    created_at INTEGER NOT NULL,
    plan       TEXT    NOT NULL,            -- JSON
    path       BLOB    NOT NULL,
    below      BLOB    NOT NULL             -- the same from the folder that was given
) STRICT;
CREATE INDEX queued_batch ON queued (batch);
