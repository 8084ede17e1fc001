-- The content of every file that Whittle wrote, whoever copied or renamed it since.
CREATE TABLE outputs (
    hash       BLOB    PRIMARY KEY,
    written_as TEXT    NOT NULL CHECK (written_as IN ('lossless', 'lossy', 'copy')),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
