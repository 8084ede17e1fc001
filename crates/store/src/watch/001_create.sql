-- Folders whose images are worked on as they appear.
CREATE TABLE watched_folders (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    created_at INTEGER NOT NULL,
    path       BLOB    NOT NULL UNIQUE,
    rules      TEXT    NOT NULL             -- JSON
) STRICT;

-- Files of watched folders as they were when they were last looked at: what did not change since is
-- not taken again, not even after a restart.
CREATE TABLE watched_files (
    path     BLOB    PRIMARY KEY,
    bytes    INTEGER NOT NULL,
    modified INTEGER NOT NULL,              -- ns since 1970
    hash     BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
