-- What the dashboard counts, for each month (UTC) and origin. Written in the transaction of the
-- history's line, and never lowered: pruning the history leaves the totals.
CREATE TABLE monthly_totals (
    month        TEXT    NOT NULL,            -- YYYY-MM
    origin       TEXT    NOT NULL,
    images       INTEGER NOT NULL DEFAULT 0,  -- originals accepted
    counted      INTEGER NOT NULL DEFAULT 0,  -- of these, optimized or found optimal
    outputs      INTEGER NOT NULL DEFAULT 0,  -- full-size outputs and derivatives
    input_bytes  INTEGER NOT NULL DEFAULT 0,  -- of the counted originals
    output_bytes INTEGER NOT NULL DEFAULT 0,  -- of their full-size outputs
    PRIMARY KEY (month, origin)
) STRICT, WITHOUT ROWID;
