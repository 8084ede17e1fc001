-- Numbers of lines, shared by both tables, so that each line of the history has its own. An
-- original takes the highest number of its group: newest first is then simply by falling number,
-- with an original before its outputs.
CREATE TABLE history_sequence (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    last INTEGER NOT NULL
) STRICT;
INSERT INTO history_sequence (only, last) VALUES (1, 0);

-- One image that came in, with its full-size result.
CREATE TABLE originals (
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
    input_bytes  INTEGER NOT NULL,
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
CREATE INDEX originals_path ON originals (path, id);
CREATE INDEX originals_output ON originals (output_path) WHERE output_path IS NOT NULL;
CREATE INDEX originals_format ON originals (format, input_bytes, output_bytes)
    WHERE output_bytes IS NOT NULL;
CREATE INDEX originals_folder ON originals (folder, input_bytes, output_bytes)
    WHERE output_bytes IS NOT NULL;
CREATE INDEX originals_saved ON originals (input_bytes - output_bytes)
    WHERE outcome = 'optimized';

-- What was made of it: the full-size output under the style `original`, and each derivative.
CREATE TABLE optimized_images (
    id          INTEGER PRIMARY KEY,
    original_id INTEGER NOT NULL REFERENCES originals (id) ON DELETE CASCADE,
    style       TEXT    NOT NULL,
    strategy    TEXT,
    path        BLOB,
    bytes       INTEGER NOT NULL,
    width       INTEGER,
    height      INTEGER,
    score       REAL,
    hash        BLOB,
    UNIQUE (original_id, style)
) STRICT;
CREATE INDEX optimized_images_style ON optimized_images (style);
