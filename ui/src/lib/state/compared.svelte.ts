import { fileName, formatLabel } from '../format/paths';
import type { App } from './app.svelte';
import { Comparison, type CompareCommands } from './compare.svelte';
import { t } from '../messages';
import type { DerivativeReport, HistoryEntry, JobId, Level, Mode } from '../ipc/types';
import { hasResult, isRevertible, type Row } from './rows';

/** A derivative is named by its place among its row's. */
type Of = { row: Row; child?: number | undefined } | { entry: HistoryEntry };

/** The image that is compared, and the list that it is from. */
export class Compared {
  #app: App;
  #ipc: CompareCommands;
  #leave: (row: JobId | null) => void;
  #of = $state.raw<Of>() as Of;
  #comparison = $state.raw<Comparison>() as Comparison;

  constructor(app: App, ipc: CompareCommands, of: Of, leave: (row: JobId | null) => void) {
    this.#app = app;
    this.#ipc = ipc;
    this.#leave = leave;
    this.#open(of);
  }

  get comparison(): Comparison {
    return this.#comparison;
  }

  get path(): string {
    return 'row' in this.#of ? this.#of.row.path : this.#of.entry.path;
  }

  get name(): string {
    const name = fileName(this.path);
    const derivative = derivativeOf(this.#of);
    return derivative ? t('compare.child', { name, style: derivative.style }) : name;
  }

  /** "JPEG". */
  get format(): string {
    const format = 'row' in this.#of ? this.#of.row.report?.format : this.#of.entry.format;
    return format ? formatLabel(format) : '';
  }

  /** Whether other settings can be tried: what is in the list can be worked on again. */
  get canChange(): boolean {
    return !this.#isChild && this.#row !== undefined && hasResult(this.#row);
  }

  get canRevert(): boolean {
    return !this.#isChild && this.#row !== undefined && isRevertible(this.#row);
  }

  /** Whether there is a result that the row does not have already. */
  get canUse(): boolean {
    const { opened, working, failed, isCurrent, candidate } = this.#comparison;
    if (!opened || working || failed !== null || !isCurrent || !this.canChange) return false;
    return candidate !== null && candidate.version > 0;
  }

  /** Other rows that could take the same settings. */
  get others(): number {
    const own = this.#row?.id;
    return this.#app.queue.followingIds().filter((id) => id !== own).length;
  }

  close(): void {
    void this.#comparison.close();
    this.#leave(this.#row?.id ?? null);
  }

  /** To the next image of the list that can be compared, or the one before. */
  step(by: 1 | -1): void {
    const row = this.#row;
    if (!row) return;
    const ids = this.#app.queue.resultIds();
    const next = ids[ids.indexOf(row.id) + by];
    const found = next === undefined ? undefined : this.#app.queue.row(next);
    if (!found) return;
    const { layout, split } = this.#comparison;
    void this.#comparison.close();
    this.#open({ row: found });
    Object.assign(this.#comparison, { layout, split });
    this.#app.queue.select([found.id]);
  }

  async keepOriginal(): Promise<void> {
    const id = this.#row?.id;
    if (id === undefined) return;
    this.close();
    await this.#app.revert([id]);
  }

  /** Makes this image anew as it is shown. */
  async use(): Promise<void> {
    const id = this.#row?.id;
    if (id !== undefined) await this.#use((mode, level) => this.#app.useFor(id, mode, level));
  }

  /** Makes all images anew with these settings, and the next ones too. */
  async useForAll(): Promise<void> {
    const id = this.#row?.id;
    if (id !== undefined) await this.#use((mode, level) => this.#app.useForAll(id, mode, level));
  }

  async #use(apply: (mode: Mode, level: Level) => Promise<void>): Promise<void> {
    const { mode, level } = this.#comparison;
    this.close();
    await apply(mode, level);
  }

  get #isChild(): boolean {
    return derivativeOf(this.#of) !== undefined;
  }

  get #row(): Row | undefined {
    return 'row' in this.#of ? this.#app.queue.row(this.#of.row.id) : undefined;
  }

  #open(of: Of): void {
    this.#of = of;
    this.#comparison = new Comparison(this.#ipc);
    if ('entry' in of) {
      const { id, mode, level, score } = of.entry;
      const made = { mode, level, score, removed: null, notes: null, tried: null };
      void this.#comparison.open({ of: 'history', id }, made);
    } else if (of.row.report) {
      const subject = { of: 'job', id: of.row.id satisfies JobId } as const;
      const derivative = derivativeOf(of);
      if (derivative && of.child !== undefined) {
        const { mode, level } = of.row.report;
        const made = { mode, level, score: derivative.score, removed: [], notes: [], tried: null };
        void this.#comparison.open({ ...subject, child: of.child }, made);
      } else void this.#comparison.open(subject, of.row.report);
    }
  }
}

function derivativeOf(of: Of): DerivativeReport | undefined {
  if (!('row' in of) || of.child === undefined) return undefined;
  return of.row.report?.derivatives[of.child];
}
