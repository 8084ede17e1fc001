-- Originals that were replaced; their bytes lie in files named by the hash.
CREATE TABLE backups (
    hash       BLOB    PRIMARY KEY,
    bytes      INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    count      INTEGER NOT NULL               -- lines of the history that need it
) STRICT, WITHOUT ROWID;
