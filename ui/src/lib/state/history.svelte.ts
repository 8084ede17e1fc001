import { commands, type Commands } from '../ipc/commands';
import type { Format, HistoryEntry, HistoryQuery, Mode, Outcome } from '../ipc/types';

type HistoryCommands = Pick<
  Commands,
  'history' | 'revealHistory' | 'openHistory' | 'exportHistory' | 'dashboard'
>;

export interface Filter {
  search: string;
  outcome: Outcome | null;
  format: Format | null;
  mode: Mode | null;
  period: Period | 'dates' | null;
  /** Of the period `dates`: its first and its last day, `YYYY-MM-DD`; null leaves that end open. */
  from: string | null;
  to: string | null;
  /** What lies in this folder, or in folders within it. */
  folder: string | null;
}

export const PERIODS = ['today', 'week', 'month', 'year'] as const;
export type Period = (typeof PERIODS)[number];

const DAYS: Record<Period, number> = { today: 0, week: 6, month: 29, year: 364 };

/** When a period began: at the start of its first day, here, in ms since 1970. */
export function beginOf(period: Period, now = new Date()): number {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - DAYS[period]).getTime();
}

/**
 * When the day that a field names began, here, or the one so many days later; null for none. A year of which
 * only the first digits were typed is none.
 */
export function beginOfDay(day: string | null, later = 0): number | null {
  const [, year, month, date] = /^([1-9]\d{3,5})-(\d\d)-(\d\d)$/.exec(day ?? '') ?? [];
  if (!year) return null;
  return new Date(Number(year), Number(month) - 1, Number(date) + later).getTime();
}

const EVERYTHING: Filter = {
  search: '',
  outcome: null,
  format: null,
  mode: null,
  period: null,
  from: null,
  to: null,
  folder: null,
};

const PAGE = 100;
/** So many folders are offered by name; any other is picked. */
const FOLDERS = 10;

/** Whether its files are, or were, on this computer: an account's own images never were. */
export function isHere(entry: HistoryEntry): boolean {
  return entry.origin !== 'account';
}

/** Whether there is a result beside an original; derivatives have none of their own size. */
export function isComparable(entry: HistoryEntry): boolean {
  return isHere(entry) && entry.outcome === 'optimized' && entry.style === null && !entry.reverted;
}

/** The history, fetched page by page as it is scrolled into view. */
export class HistoryState {
  #filter = $state.raw<Filter>(EVERYTHING);
  #pages = $state.raw<ReadonlyMap<number, HistoryEntry[]>>(new Map());
  #total = $state<number | null>(null);
  #stale = $state(true);
  #folders = $state.raw<readonly string[]>([]);
  /** Pages that were asked for in this generation. */
  #asked = new Set<number>();
  /** Answers to an older filter, or from before a reload, are thrown away. */
  #generation = 0;
  #visible: [first: number, last: number] = [0, 0];

  #ipc: HistoryCommands;
  #fail: (reason: unknown) => void;

  constructor(ipc: HistoryCommands = commands, fail: (reason: unknown) => void = () => {}) {
    this.#ipc = ipc;
    this.#fail = fail;
  }

  get filter(): Filter {
    return this.#filter;
  }

  get isFiltered(): boolean {
    const { search, ...rest } = this.#filter;
    return search.trim() !== '' || Object.values(rest).some((value) => value !== null);
  }

  /** Lines that fit the filter; null while nobody knows. */
  get total(): number | null {
    return this.#total;
  }

  /** Whether something happened since it was fetched. */
  get isStale(): boolean {
    return this.#stale;
  }

  entry(index: number): HistoryEntry | undefined {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE];
  }

  /** Where most images were, and the folder that is looked into. */
  get folders(): readonly string[] {
    const { folder } = this.#filter;
    return folder === null || this.#folders.includes(folder)
      ? this.#folders
      : [folder, ...this.#folders];
  }

  markStale(): void {
    this.#stale = true;
  }

  async loadFolders(): Promise<void> {
    try {
      const { stats } = await this.#ipc.dashboard('all');
      const most = stats.by_folder.toSorted((a, b) => b.images - a.images);
      this.#folders = most.slice(0, FOLDERS).map(({ folder }) => folder);
    } catch {
      // Any folder can still be picked; what is wrong with the history, its lines tell.
    }
  }

  async narrow(patch: Partial<Filter>): Promise<void> {
    this.#filter = { ...this.#filter, ...patch };
    this.#visible = [0, 0];
    await this.reload();
  }

  async clearFilter(): Promise<void> {
    await this.narrow(EVERYTHING);
  }

  /** Fetches what is on screen again; until it is here, the old lines stay. */
  async reload(): Promise<void> {
    this.#generation += 1;
    this.#asked.clear();
    this.#stale = false;
    const [first, last] = this.#visible;
    await this.#fetch(range(first, last), true);
  }

  /** Sees to it that these lines are there. */
  async show(first: number, last: number): Promise<void> {
    this.#visible = [first, last];
    await this.#fetch(range(first, last), false);
  }

  async reveal(entry: HistoryEntry): Promise<void> {
    await this.#ipc.revealHistory(entry.id);
  }

  async open(entry: HistoryEntry): Promise<void> {
    await this.#ipc.openHistory(entry.id);
  }

  /** Writes every line that fits the filter into a table; answers where that is. */
  async export(): Promise<string | null> {
    return this.#ipc.exportHistory(this.#query(0, 0));
  }

  #query(offset: number, limit: number): HistoryQuery {
    const { search, period, from, to, ...rest } = this.#filter;
    const [since, before] =
      period === 'dates'
        ? [beginOfDay(from), beginOfDay(to, 1)]
        : [period && beginOf(period), null];
    return { ...rest, search: search.trim(), origin: null, since, before, offset, limit };
  }

  async #fetch(pages: number[], anew: boolean): Promise<void> {
    const missing = pages.filter((page) => !this.#asked.has(page));
    if (missing.length === 0) return;
    const generation = this.#generation;
    for (const page of missing) this.#asked.add(page);
    try {
      const answers = await Promise.all(
        missing.map(async (page) => ({
          page,
          ...(await this.#ipc.history(this.#query(page * PAGE, PAGE))),
        })),
      );
      if (generation !== this.#generation) return;
      const known = new Map(anew ? [] : this.#pages);
      for (const { page, entries } of answers) known.set(page, entries);
      this.#pages = known;
      this.#total = answers[0]?.total ?? 0;
    } catch (reason) {
      if (generation !== this.#generation) return;
      for (const page of missing) this.#asked.delete(page);
      this.#total ??= 0;
      this.#fail(reason);
    }
  }
}

function range(first: number, last: number): number[] {
  const from = Math.floor(first / PAGE);
  const to = Math.floor(Math.max(last, first) / PAGE);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
