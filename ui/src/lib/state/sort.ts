import { perLanguage } from '../messages/language.svelte';
import { fileName } from '../format/paths';
import type { JobId } from '../ipc/types';
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

/**
 * These rows in the order of a column; those without a value come last, whichever way it goes. What is
 * compared is looked up once for each row, and not for each of the comparisons.
 */
export function sorted(rows: readonly Row[], { by, descending }: NonNullable<Sort>): Row[] {
  const sign = descending ? -1 : 1;
  if (by === 'name') {
    const { compare } = names();
    return ordered(
      rows,
      (row) => fileName(row.path),
      (a, b) => sign * compare(a, b),
    );
  }
  return ordered(rows, VALUES[by], (a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return sign * (a - b);
  });
}

function ordered<K>(
  rows: readonly Row[],
  keyOf: (row: Row) => K,
  compare: (a: K, b: K) => number,
): Row[] {
  return rows
    .map((row) => ({ row, key: keyOf(row) }))
    .sort((a, b) => compare(a.key, b.key))
    .map(({ row }) => row);
}

/** Ms between two times that rows are sorted while work goes on: each of them ends many images. */
const SORT_AGAIN = 500;

/** The order of the table's rows, where a column was chosen for it. */
export class SortedIds {
  #ids: JobId[] = [];
  #at = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Whether the place of any row may be another by now. */
  #loose = false;

  get ids(): readonly JobId[] {
    return this.#ids;
  }

  /** A new row; it comes last until they are sorted again. */
  add(id: JobId): void {
    this.#ids.push(id);
    this.#loose = true;
  }

  drop(gone: ReadonlySet<JobId>): void {
    this.#ids = this.#ids.filter((id) => !gone.has(id));
  }

  /** What a row is sorted by has changed, if it is not its name. */
  changed(sort: NonNullable<Sort>): void {
    if (sort.by !== 'name') this.#loose = true;
  }

  sort(rows: readonly Row[], sort: Sort): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#at = performance.now();
    this.#loose = false;
    this.#ids = (sort ? sorted(rows, sort) : rows).map((row) => row.id);
  }

  /**
   * Whether it is time to sort: at once when work has ended, else now and then. If it is not yet,
   * `later` is called when it is.
   */
  isDue(working: boolean, later: () => void): boolean {
    if (!this.#loose) return false;
    const wait = working ? this.#at + SORT_AGAIN - performance.now() : 0;
    if (wait > 0) this.#timer ??= setTimeout(later, wait);
    return wait <= 0;
  }
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
