import { perLanguage } from '../messages/language.svelte';
import { fileName } from '../format/paths';
import type { Row } from './rows';

export const SORTS = ['name', 'original', 'optimized', 'saved', 'quality'] as const;
export type SortBy = (typeof SORTS)[number];

/** Null keeps the order in which images came. */
export type Sort = { by: SortBy; descending: boolean } | null;

/** What a click on a column's head leads to: up, down (or the other way round), and as it came. */
export function nextSort(sort: Sort, by: SortBy): Sort {
  // Of numbers the large ones are what one looks for.
  const first = by !== 'name';
  if (sort?.by !== by) return { by, descending: first };
  return sort.descending === first ? { by, descending: !first } : null;
}

const names = perLanguage((language) => new Intl.Collator(language, { numeric: true }));

/** Compares two rows; those without a value come last, whichever way it goes. */
export function compareBy(sort: NonNullable<Sort>): (a: Row, b: Row) => number {
  const sign = sort.descending ? -1 : 1;
  if (sort.by === 'name')
    return (a, b) => sign * names().compare(fileName(a.path), fileName(b.path));
  const value = VALUES[sort.by];
  return (a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === null || y === null) return x === y ? 0 : x === null ? 1 : -1;
    return sign * (x - y);
  };
}

const VALUES: Record<Exclude<SortBy, 'name'>, (row: Row) => number | null> = {
  original: (row) => row.report?.input_bytes ?? row.inputBytes,
  optimized: (row) => row.report?.output_bytes ?? null,
  saved: ({ report }) =>
    report && report.output_bytes !== null && report.input_bytes > 0
      ? 1 - report.output_bytes / report.input_bytes
      : null,
  quality: (row) => row.report?.score ?? null,
};
