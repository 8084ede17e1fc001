-- Images that only an account has: of some it does not tell the size, and their dates are not those of
-- their lines. So sizes may be unknown, and lines are read by date, derivatives with their original's.
-- SQLite cannot lift a NOT NULL, so the table is made anew; the foreign keys are off meanwhile.
CREATE TABLE originals_anew (
    id           INTEGER PRIMARY KEY,
    created_at   INTEGER NOT NULL,          -- ms since 1970
    origin       TEXT    NOT NULL,
    batch        TEXT    NOT NULL,
    path         BLOB    NOT NULL,          -- bytes: names need not be UTF-8
    folder       BLOB    NOT NULL,
    search       TEXT    NOT NULL,          -- the path in small letters
    format       TEXT,
    outcome      TEXT    NOT NULL,
    code         TEXT,
    message      TEXT,
    mode         TEXT    NOT NULL,
    level        INTEGER,
    score        REAL,
    input_bytes  INTEGER                    -- only an account's may be unknown
        CHECK (input_bytes IS NOT NULL OR origin = 'account'),
    output_bytes INTEGER,                   -- only of optimized and already_optimal
    width        INTEGER,
    height       INTEGER,
    frames       INTEGER,
    ms           INTEGER NOT NULL,
    content_hash BLOB,                      -- BLAKE3 of the original
    backup_hash  BLOB,                      -- when it was replaced
    output_path  BLOB,
    output_hash  BLOB,
    reverted_at  INTEGER
) STRICT;
INSERT INTO originals_anew
    SELECT id, created_at, origin, batch, path, folder, search, format, outcome, code, message, mode,
           level, score, CASE WHEN origin = 'account' THEN nullif(input_bytes, 0) ELSE input_bytes END,
           output_bytes, width, height, frames, ms, content_hash, backup_hash, output_path,
           output_hash, reverted_at
    FROM originals;
DROP TABLE originals;
ALTER TABLE originals_anew RENAME TO originals;

CREATE INDEX originals_created ON originals (created_at);
CREATE INDEX originals_path ON originals (path, id);
CREATE INDEX originals_output ON originals (output_path) WHERE output_path IS NOT NULL;
-- Totals are of this computer's work.
CREATE INDEX originals_format ON originals (format, input_bytes, output_bytes)
    WHERE output_bytes IS NOT NULL AND origin <> 'account';
CREATE INDEX originals_folder ON originals (folder, input_bytes, output_bytes)
    WHERE output_bytes IS NOT NULL AND origin <> 'account';
CREATE INDEX originals_saved ON originals (input_bytes - output_bytes)
    WHERE outcome = 'optimized' AND origin <> 'account';

ALTER TABLE optimized_images ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0; -- its original's
UPDATE optimized_images SET created_at =
    (SELECT created_at FROM originals WHERE originals.id = original_id);
CREATE INDEX optimized_images_created ON optimized_images (created_at) WHERE style <> 'original';
