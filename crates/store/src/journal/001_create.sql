-- Commits that are under way: noted before anything is written, gone with the line of the history.
-- What is here when nobody works on it any more was interrupted.
CREATE TABLE commits (
    id           INTEGER PRIMARY KEY,
    run          TEXT    NOT NULL,          -- whose it is; see `Runs`
    created_at   INTEGER NOT NULL,
    state        INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1)), -- staging, placing
    origin       TEXT    NOT NULL,
    batch        TEXT    NOT NULL,
    path         BLOB    NOT NULL,
    report       TEXT    NOT NULL,          -- JSON, of when all will be done
    content_hash BLOB    NOT NULL,
    backup       INTEGER NOT NULL CHECK (backup IN (0, 1)),
    queued       INTEGER
) STRICT;
CREATE INDEX commits_content ON commits (content_hash);
CREATE TRIGGER commits_go_forward BEFORE UPDATE OF state ON commits WHEN NEW.state <= OLD.state
BEGIN
    SELECT RAISE(ABORT, 'a commit never goes back');
END;

-- The files of a commit, in the order in which they get their names.
CREATE TABLE commit_files (
    commit_id INTEGER NOT NULL REFERENCES commits (id) ON DELETE CASCADE,
    place     INTEGER NOT NULL,
    kind      TEXT    NOT NULL CHECK (kind IN ('derivative', 'new', 'instead')),
    temp      BLOB    NOT NULL,
    target    BLOB    NOT NULL,
    hash      BLOB    NOT NULL,
    fresh     INTEGER NOT NULL CHECK (fresh IN (0, 1)), -- nothing stood there before
    PRIMARY KEY (commit_id, place)
) STRICT, WITHOUT ROWID;

-- Temporary files that stand beside a file whose original is being put back.
CREATE TABLE temps (
    id   INTEGER PRIMARY KEY,
    run  TEXT    NOT NULL,
    path BLOB    NOT NULL
) STRICT;
