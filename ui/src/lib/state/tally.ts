import { hasResult, isActive, isRevertible, type Row, type Status } from './rows';

/** Each image costs something beside its bytes, so that many small ones count too. */
const FIXED_WORK = 50_000;

/** Sums over all rows, kept up to date by adding and taking away single rows. */
export class Tally {
  /** Rows by status; reverted ones apart. */
  readonly by = new Map<Status | 'reverted', number>();
  /** Results by the settings that they were made with; those with their own are left out. */
  readonly madeWith = new Map<string, number>();
  rows = 0;
  active = 0;
  /** Of these, those that appeared in watched folders. */
  activeWatched = 0;
  /** Bytes of what waits or is worked on. */
  activeBytes = 0;
  revertible = 0;
  /** Originals with a result that stands, and those results. */
  inputBytes = 0;
  outputBytes = 0;

  /** The same over the present run alone. */
  runRows = 0;
  runEnded = 0;
  runWork = 0;
  runDone = 0;

  newRun(): void {
    this.runRows = 0;
    this.runEnded = 0;
    this.runWork = 0;
    this.runDone = 0;
  }

  add(row: Row, run: number): void {
    this.#count(row, run, 1);
  }

  remove(row: Row, run: number): void {
    this.#count(row, run, -1);
  }

  count(status: Status | 'reverted'): number {
    return this.by.get(status) ?? 0;
  }

  #count(row: Row, run: number, sign: 1 | -1): void {
    this.rows += sign;
    bump(this.by, row.reverted ? 'reverted' : row.status, sign);
    if (isActive(row)) {
      this.active += sign;
      if (row.watched) this.activeWatched += sign;
      this.activeBytes += sign * row.inputBytes;
    }
    if (isRevertible(row)) this.revertible += sign;
    if (hasResult(row) && row.report) {
      if (row.madeWith !== null) bump(this.madeWith, row.madeWith, sign);
      this.inputBytes += sign * row.report.input_bytes;
      this.outputBytes += sign * (row.report.output_bytes ?? row.report.input_bytes);
    }
    if (row.run === run) {
      const work = row.inputBytes + FIXED_WORK;
      this.runRows += sign;
      if (!isActive(row)) this.runEnded += sign;
      this.runWork += sign * work;
      this.runDone += sign * work * (isActive(row) ? row.done : 1);
    }
  }
}

function bump<K>(map: Map<K, number>, key: K, by: number): void {
  const next = (map.get(key) ?? 0) + by;
  if (next === 0) map.delete(key);
  else map.set(key, next);
}
