import { commands, type Commands } from '../ipc/commands';
import type { BatchId, Event, JobId, JobInfo, Level, Mode } from '../ipc/types';
import { Pace } from './pace';
import { hasResult, isActive, isRevertible, isStale, queuedRow, type Line, type Row } from './rows';
import { nextSort, SortedIds, type Sort, type SortBy } from './sort';
import { Tally } from './tally';

type QueueCommands = Pick<
  Commands,
  'setPaused' | 'hold' | 'cancel' | 'retry' | 'forget' | 'revealJob' | 'compareUse'
>;

/** Ms after which nothing is told any more of a row that was removed. */
const LATE_NEWS = 600_000;

/** What the footer says. */
export interface Totals {
  rows: number;
  active: number;
  /** What waits or is worked on, and is not a watched folder's. */
  cancellable: number;
  revertible: number;
  stale: number;
  savedBytes: number;
  /** Share of the originals that was saved. */
  savedShare: number;
  optimized: number;
  alreadyOptimal: number;
  failed: number;
  skipped: number;
  cancelled: number;
  reverted: number;
  /** Of the present run. */
  runRows: number;
  runEnded: number;
  /** 0 to 1. */
  progress: number;
  /** Seconds, once it can be told. */
  timeLeft: number | null;
}

/** An original that was replaced. */
export interface Replacement {
  history: number;
  path: string;
}

/** What the user added, or ran again, at once. */
interface Batch {
  /** Of the settings at its beginning. */
  key: string;
  /** Whether no more images join it. */
  complete: boolean;
  /** Its place among the batches that came to their end; 0 until it did. */
  ended: number;
}

/**
 * The rows of the Optimize section.
 *
 * Rows live in a map beside an ordered list of ids. A batch of events is applied in one go, and
 * then a single version number tells whoever looks: ten thousand rows cost ten thousand steps, and
 * only the visible ones are drawn.
 */
export class Queue {
  #rows = new Map<JobId, Row>();
  #order: JobId[] = [];
  /** The same in the order of a column, while one is chosen for it. */
  #sorted = new SortedIds();
  /** Events that came before their row. */
  #early = new Map<JobId, Event[]>();
  /** Rows that were removed while their job was still on its way. */
  #forgotten = new Set<JobId>();
  #byHistory = new Map<number, JobId>();
  /** The user's: what watched folders bring is none. */
  #batches = new Map<BatchId, Batch>();
  #batchesEnded = 0;
  #tally = new Tally();
  #run = 0;
  #version = $state(0);
  #lines = $state.raw<Line[]>([]);
  #selected = $state.raw<ReadonlySet<JobId>>(new Set());
  #paused = $state(false);
  #sort = $state.raw<Sort>(null);

  #ipc: QueueCommands;
  #pace: Pace;
  /** Key of the settings of now. */
  #key: () => string;

  constructor(ipc: QueueCommands = commands, key = () => '', pace = new Pace()) {
    this.#ipc = ipc;
    this.#key = key;
    this.#pace = pace;
  }

  /** The table's lines, in order. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  get selected(): ReadonlySet<JobId> {
    return this.#selected;
  }

  get sort(): Sort {
    return this.#sort;
  }

  /** By this column; the other way round; and then in the order in which they came. */
  sortBy(by: SortBy): void {
    this.#sort = nextSort(this.#sort, by);
    this.#sortNow();
  }

  /** Batches that are remembered. */
  get batchCount(): number {
    return this.#batches.size;
  }

  get paused(): boolean {
    return this.#paused;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  row(id: JobId): Row | undefined {
    void this.#version;
    return this.#rows.get(id);
  }

  /** Images within this folder that wait or are worked on. */
  activeBelow(folder: string): number {
    void this.#version;
    if (this.#tally.active === 0) return 0;
    const below = /[/\\]$/.test(folder) ? folder : `${folder}${folder.includes('\\') ? '\\' : '/'}`;
    let count = 0;
    for (const row of this.#rows.values())
      if (isActive(row) && row.path.startsWith(below)) count += 1;
    return count;
  }

  isStale(row: Row): boolean {
    return isStale(row, this.#key());
  }

  /** Bytes of what waits or is worked on. */
  get activeBytes(): number {
    void this.#version;
    return this.#tally.activeBytes;
  }

  readonly totals = $derived.by((): Totals => {
    void this.#version;
    return this.#totals(this.#tally);
  });

  /** The sums over what was worked on in a batch of the user's; null for others. */
  totalsOf(batch: BatchId): Totals | null {
    if (!this.#batches.has(batch)) return null;
    const tally = new Tally();
    for (const row of this.#rows.values()) if (row.batch === batch) tally.add(row, this.#run);
    return tally.rows > 0 ? this.#totals(tally) : null;
  }

  #totals(tally: Tally): Totals {
    let results = 0;
    for (const n of tally.madeWith.values()) results += n;
    const saved = tally.inputBytes - tally.outputBytes;
    return {
      rows: tally.rows,
      active: tally.active,
      cancellable: tally.active - tally.activeWatched,
      revertible: tally.revertible,
      stale: results - (tally.madeWith.get(this.#key()) ?? 0),
      savedBytes: Math.max(saved, 0),
      savedShare: tally.inputBytes > 0 ? Math.max(saved, 0) / tally.inputBytes : 0,
      optimized: tally.count('optimized'),
      alreadyOptimal: tally.count('already_optimal'),
      failed: tally.count('failed'),
      skipped: tally.count('skipped'),
      cancelled: tally.count('cancelled'),
      reverted: tally.count('reverted'),
      runRows: tally.runRows,
      runEnded: tally.runEnded,
      progress: tally.runWork > 0 ? Math.min(tally.runDone / tally.runWork, 1) : 0,
      timeLeft: tally.active > 0 ? this.#pace.left(tally.runDone, tally.runWork) : null,
    };
  }

  /** Takes what happened, in order. */
  apply(events: readonly Event[]): void {
    if (events.length === 0) return;
    const before = this.#order.length;
    let redraw = false;
    for (const event of events) redraw = this.#take(event) || redraw;
    this.#changed(redraw || this.#order.length !== before);
  }

  /** How the shell's queue is when the window opens. */
  load(paused: boolean, held: readonly JobId[] = []): void {
    this.#paused = paused;
    if (paused) this.#pace.hold();
    else this.#pace.resume();
    this.#setHeld(held, true);
  }

  /** Keeps images that wait back while others go on, or lets them go on. */
  async hold(ids: readonly JobId[], held: boolean): Promise<void> {
    const waiting = ids.filter((id) => this.#rows.get(id)?.status === 'queued');
    if (waiting.length === 0) return;
    await this.#ipc.hold(waiting, held);
    this.#setHeld(waiting, held);
  }

  #setHeld(ids: readonly JobId[], held: boolean): void {
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row?.status === 'queued') this.#replace(row, { ...row, held });
    }
    this.#changed(false);
  }

  async setPaused(paused: boolean): Promise<void> {
    await this.#ipc.setPaused(paused);
    this.#paused = paused;
    if (paused) this.#pace.hold();
    else this.#pace.resume();
  }

  /** Stops what the user added; what watched folders brought goes on. */
  async cancelAll(): Promise<void> {
    const goesOn = this.#tally.activeWatched > 0;
    await this.#ipc.cancel([]);
    // The next images must not wait for a Resume that is no longer on screen.
    if (this.#paused && !goesOn) await this.setPaused(false);
  }

  /** Stops these; what is finished stays. */
  async cancel(ids: readonly JobId[]): Promise<void> {
    const active = ids.filter((id) => {
      const row = this.#rows.get(id);
      return row !== undefined && isActive(row);
    });
    if (active.length > 0) await this.#ipc.cancel(active);
  }

  /** Works on these again, from their originals, with the settings of now or by their folder's rules. */
  async retry(ids: readonly JobId[]): Promise<void> {
    const ended = ids.filter((id) => {
      const row = this.#rows.get(id);
      return row !== undefined && !isActive(row);
    });
    if (ended.length > 0) await this.#ipc.retry(ended);
  }

  /** Works on one again with a mode and a level of its own: it does not follow the settings. */
  async useOwn(id: JobId, mode: Mode, level: Level): Promise<void> {
    await this.#ipc.compareUse([id], mode, level);
  }

  /** Takes rows off the table; work on them stops. Files are left alone. */
  async remove(ids: readonly JobId[]): Promise<void> {
    const known = ids.filter((id) => this.#rows.has(id));
    if (known.length === 0) return;
    const active = this.#drop(known);
    this.#changed(true);
    if (active.length > 0) await this.#ipc.cancel(active);
    await this.#ipc.forget(known);
  }

  /** Answers which of these rows were still worked on. */
  #drop(known: readonly JobId[]): JobId[] {
    const active: JobId[] = [];
    const gone = new Set<JobId>(known);
    this.#sorted.drop(gone);
    for (const [history, id] of this.#byHistory) if (gone.has(id)) this.#byHistory.delete(history);
    // Numbers do not come again, and a watched folder brings new ones for weeks.
    setTimeout(() => gone.forEach((id) => this.#forgotten.delete(id)), LATE_NEWS);
    for (const id of known) {
      const row = this.#rows.get(id);
      if (!row) continue;
      if (isActive(row)) active.push(id);
      this.#tally.remove(row, this.#run);
      this.#rows.delete(id);
      this.#forgotten.add(id);
    }
    this.#order = this.#order.filter((id) => !gone.has(id));
    if (this.#order.length === 0) this.#batches.clear();
    this.#selected = new Set([...this.#selected].filter((id) => !gone.has(id)));
    return active;
  }

  async clear(): Promise<void> {
    await this.remove(this.#order);
  }

  /** The lines of the history by which the originals of these rows can be put back. */
  replacements(ids: readonly JobId[]): Replacement[] {
    return ids.flatMap((id) => {
      const row = this.#rows.get(id);
      return row && isRevertible(row) && row.history !== null
        ? [{ history: row.history, path: row.path }]
        : [];
    });
  }

  async reveal(id: JobId, child?: number): Promise<void> {
    await this.#ipc.revealJob(id, child);
  }

  /** All rows with a replaced original, in order. */
  revertibleIds(): JobId[] {
    return this.#where(isRevertible);
  }

  /**
   * What Undo takes back: of the user's batches that replaced anything, the one that ended last. That it ended
   * may not have been heard yet, where the last of its images was.
   */
  lastRevertibleIds(): JobId[] {
    const rows = this.#rowsOf(this.#order);
    const active = new Set(rows.filter(isActive).map((row) => row.batch));
    const ended = (row: Row) => {
      const batch = this.#batches.get(row.batch);
      if (!batch) return 0;
      const justNow = batch.complete && !active.has(row.batch);
      return batch.ended || (justNow ? this.#batchesEnded + 1 : 0);
    };
    const own = rows.filter((row) => !row.watched && isRevertible(row) && ended(row) > 0);
    const last = own.reduce((latest, row) => Math.max(latest, ended(row)), 0);
    return own.filter((row) => ended(row) === last).map((row) => row.id);
  }

  failedIds(): JobId[] {
    return this.#where((row) => row.status === 'failed');
  }

  staleIds(): JobId[] {
    const key = this.#key();
    return this.#where((row) => isStale(row, key));
  }

  /** All rows with a result, as they are listed. */
  resultIds(): JobId[] {
    return this.#listed()
      .filter(hasResult)
      .map((row) => row.id);
  }

  /** Those of them that follow the settings, and no folder's rules. */
  followingIds(): JobId[] {
    return this.resultIds().filter((id) => this.#rows.get(id)?.watched === false);
  }

  /** What "Run again" means: the selected rows, or else all that are stale, failed or stopped. */
  runAgainIds(): JobId[] {
    const key = this.#key();
    if (this.#selected.size > 0)
      return this.#where((row) => this.#selected.has(row.id) && !isActive(row));
    return this.#where(
      (row) => isStale(row, key) || row.status === 'failed' || row.status === 'cancelled',
    );
  }

  select(ids: Iterable<JobId>): void {
    this.#selected = new Set(ids);
  }

  selectAll(): void {
    this.select(this.#order);
  }

  #where(wanted: (row: Row) => boolean): JobId[] {
    return this.#order.filter((id) => {
      const row = this.#rows.get(id);
      return row !== undefined && wanted(row);
    });
  }

  /** Answers whether the table's lines changed other than by new rows. */
  #take(event: Event): boolean {
    switch (event.type) {
      case 'queued':
        return event.jobs.reduce((redraw, info) => this.#queue(info) || redraw, false);
      case 'started':
        return this.#update(event.job, event, (row) =>
          row.status === 'queued' ? { ...row, status: 'working', held: false } : row,
        );
      case 'progress':
        return this.#update(event.job, event, (row) =>
          isActive(row) ? { ...row, status: 'working', done: Math.max(row.done, event.done) } : row,
        );
      case 'finished':
        if (event.history !== null) this.#byHistory.set(event.history, event.job);
        return this.#update(event.job, event, (row) =>
          event.as_before && row.before
            ? row.before
            : {
                ...row,
                status: event.report.outcome,
                held: false,
                done: 1,
                report: event.report,
                history: event.history,
                reverted: false,
                before: null,
              },
        );
      case 'reverted': {
        const id = this.#byHistory.get(event.history);
        return (
          id !== undefined &&
          // What is worked on once more has put its original back itself, and ends as something else.
          this.#update(id, event, (row) => (isActive(row) ? row : { ...row, reverted: true }))
        );
      }
      case 'released':
        this.#drop(event.jobs);
        return true;
      case 'expanded': {
        const batch = this.#batches.get(event.batch);
        if (batch) batch.complete = true;
        return false;
      }
      case 'batch_finished': {
        const batch = this.#batches.get(event.batch);
        if (!batch) return false;
        batch.ended = this.#batchesEnded += 1;
        this.#forgetBatches();
        return false;
      }
      case 'passed':
      case 'watch':
        return false;
    }
  }

  /** Those at their end to which no row belongs, nor will again. */
  #forgetBatches(): void {
    const used = new Set<BatchId>();
    for (const row of this.#rows.values()) {
      used.add(row.batch);
      if (row.before) used.add(row.before.batch);
    }
    for (const [id, { ended }] of this.#batches)
      if (ended > 0 && !used.has(id)) this.#batches.delete(id);
  }

  #queue(info: JobInfo): boolean {
    if (this.#forgotten.has(info.id)) return false;
    if (this.#tally.active === 0) {
      this.#run += 1;
      this.#tally.newRun();
      this.#pace.start();
      if (this.#paused) this.#pace.hold();
    }
    const old = this.#rows.get(info.id);
    const again = old !== undefined && old.batch !== info.batch;
    if ((info.origin !== 'watch' || again) && !this.#batches.has(info.batch))
      this.#batches.set(info.batch, { key: this.#key(), complete: false, ended: 0 });
    // A large folder arrives in parts, all of them planned with the settings of its beginning.
    const key = info.by_settings ? (this.#batches.get(info.batch)?.key ?? null) : null;
    if (old) {
      const before = isActive(old) ? old.before : { ...old, before: null };
      this.#replace(old, queuedRow(info, key, this.#run, before));
      return derivatives(old) > 0;
    }
    const row = queuedRow(info, key, this.#run);
    this.#rows.set(row.id, row);
    this.#order.push(row.id);
    if (this.#sort) this.#sorted.add(row.id);
    this.#tally.add(row, this.#run);
    const early = this.#early.get(row.id);
    if (!early) return false;
    this.#early.delete(row.id);
    return early.reduce((redraw, event) => this.#take(event) || redraw, false);
  }

  #update(id: JobId, event: Event, change: (row: Row) => Row): boolean {
    const old = this.#rows.get(id);
    if (!old) {
      if (!this.#forgotten.has(id)) this.#early.set(id, [...(this.#early.get(id) ?? []), event]);
      return false;
    }
    const next = change(old);
    if (next === old) return false;
    this.#replace(old, next);
    return derivatives(old) !== derivatives(next);
  }

  #replace(old: Row, next: Row): void {
    this.#tally.remove(old, this.#run);
    this.#rows.set(next.id, next);
    this.#tally.add(next, this.#run);
    if (this.#sort) this.#sorted.changed(this.#sort);
  }

  #rowsOf(ids: readonly JobId[]): Row[] {
    return ids.flatMap((id) => this.#rows.get(id) ?? []);
  }

  #listed(): Row[] {
    return this.#rowsOf(this.#sort ? this.#sorted.ids : this.#order);
  }

  #sortNow(): void {
    this.#sorted.sort(this.#rowsOf(this.#order), this.#sort);
    this.#changed(true);
  }

  #changed(lines: boolean): void {
    // Rows move to their places as they end.
    if (this.#sort && this.#sorted.isDue(this.#tally.active > 0, () => this.#sortNow()))
      return this.#sortNow();
    this.#version += 1;
    if (!lines) return;
    this.#lines = this.#listed().flatMap((row) => {
      const job = row.id;
      const own: Line[] = [{ job, child: -1 }];
      for (let child = 0; child < derivatives(row); child += 1) own.push({ job, child });
      return own;
    });
  }
}

function derivatives(row: Row): number {
  return hasResult(row) ? (row.report?.derivatives.length ?? 0) : 0;
}
