-- Sums by format and folder count every image that was accepted, as the totals do, and not only those that
-- came to a result.
DROP INDEX originals_format;
DROP INDEX originals_folder;
CREATE INDEX originals_format ON originals (format, input_bytes, output_bytes)
    WHERE outcome <> 'cancelled' AND origin <> 'account';
CREATE INDEX originals_folder ON originals (folder, input_bytes, output_bytes)
    WHERE outcome <> 'cancelled' AND origin <> 'account';
