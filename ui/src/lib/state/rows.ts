import type { BatchId, JobId, JobInfo, Outcome, Report } from '../ipc/types';

export type Status = 'queued' | 'working' | Outcome;

/** What is known of one image. Never changed in place: a new state is a new object. */
export interface Row {
  id: JobId;
  batch: BatchId;
  /** Whether it appeared in a watched folder: it follows that folder's rules. */
  watched: boolean;
  path: string;
  inputBytes: number;
  status: Status;
  /** Kept back while others go on. */
  held: boolean;
  /** 0 to 1. */
  done: number;
  report: Report | null;
  /** Its line in the history. */
  history: number | null;
  reverted: boolean;
  /** Key of the settings that it was queued with; null when it follows others. */
  madeWith: string | null;
  /** Which run it belongs to: one run lasts from idle to idle. */
  run: number;
  /** How it had ended before, while it waits for being worked on once more. */
  before: Row | null;
}

/** One line of the table: an image, or a derivative of it. */
export interface Line {
  job: JobId;
  /** Index of the derivative, or -1 for the image itself. */
  child: number;
}

export function queuedRow(
  info: JobInfo,
  madeWith: string | null,
  run: number,
  before: Row | null = null,
): Row {
  return {
    id: info.id,
    batch: info.batch,
    watched: info.origin === 'watch',
    path: info.path,
    inputBytes: info.input_bytes,
    status: 'queued',
    held: false,
    done: 0,
    report: null,
    history: null,
    reverted: false,
    madeWith,
    run,
    before,
  };
}

export function isActive(row: Row): boolean {
  return row.status === 'queued' || row.status === 'working';
}

/** Whether the original was replaced and can be put back. */
export function isRevertible(row: Row): boolean {
  return (
    row.status === 'optimized' &&
    row.history !== null &&
    !row.reverted &&
    row.report !== null &&
    row.report.output === row.report.path
  );
}

/** Whether it has a result that other settings might change. */
export function hasResult(row: Row): boolean {
  return (row.status === 'optimized' || row.status === 'already_optimal') && !row.reverted;
}

export function isStale(row: Row, key: string): boolean {
  return hasResult(row) && row.madeWith !== null && row.madeWith !== key;
}
