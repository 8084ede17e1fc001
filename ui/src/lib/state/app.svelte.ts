import { createContext } from 'svelte';
import { Account } from '../account/account.svelte';
import { commands, type AppState, type Commands, type Reverted } from '../ipc/commands';
import { onAccount, onDrag, onEvents, onPaused, onSettings, type Drag } from '../ipc/events';
import type {
  BatchId,
  Event,
  HistoryEntry,
  JobId,
  Level,
  Mode,
  Placement,
  Preset,
} from '../ipc/types';
import { fileName } from '../format/paths';
import { t } from '../messages';
import { speak } from '../messages/language.svelte';
import { said } from '../messages/said';
import { Compared } from './compared.svelte';
import { DashboardState } from './dashboard.svelte';
import { Fetching } from './fetching.svelte';
import { HistoryState } from './history.svelte';
import { Notices } from './notices.svelte';
import { settingsOf, withPreset } from './presets';
import { Queue, type Replacement } from './queue.svelte';
import { SettingsState } from './settings.svelte';
import { totalsSummary } from './summary';
import { WatchedState } from './watched.svelte';

export const SECTIONS = [
  'optimize',
  'watched',
  'history',
  'dashboard',
  'account',
  'settings',
] as const;
export type Section = (typeof SECTIONS)[number];

type About = Omit<AppState, 'settings' | 'jobs' | 'paused' | 'held' | 'left_over'>;

/** Whether originals are to be put back over files that were changed since they were replaced. */
export interface Question {
  names: readonly string[];
  answer: (putBack: boolean) => void;
}

/** Everything that the window knows, and what it can do. */
export class App {
  readonly notices = new Notices();
  readonly settings: SettingsState;
  readonly queue: Queue;
  readonly history: HistoryState;
  readonly dashboard: DashboardState;
  readonly watched: WatchedState;
  readonly account: Account;

  section = $state<Section>('optimize');
  /** What is fetched from addresses, while its dialog is open. */
  #fetching = $state.raw<Fetching | null>(null);
  #drag = $state.raw<Extract<Drag, { state: 'over' }> | null>(null);
  #about = $state.raw<About | null>(null);
  #announcement = $state('');
  #compared = $state.raw<Compared | null>(null);
  #returned: JobId | null = null;
  #question = $state.raw<Question | null>(null);
  #leftOver = $state(0);
  #ipc: Commands;
  /** Batches of which something was left out, so that "nothing found" is not said twice. */
  #passed = new Set<BatchId>();

  constructor(ipc: Commands = commands) {
    this.#ipc = ipc;
    const fail = (reason: unknown) => this.notices.error(reason);
    this.settings = new SettingsState(ipc, fail);
    this.queue = new Queue(ipc, () => this.settings.key);
    this.history = new HistoryState(ipc, fail);
    this.dashboard = new DashboardState(ipc, fail);
    this.watched = new WatchedState(ipc);
    this.account = new Account(ipc);
  }

  /** What hovers over the window, if anything. */
  get drag() {
    return this.#drag;
  }

  get about(): About | null {
    return this.#about;
  }

  /** The image that lies over the list it is from, if any. */
  get compared(): Compared | null {
    return this.#compared;
  }

  /** What has to be decided before originals are put back. */
  get question(): Question | null {
    return this.#question;
  }

  get fetching(): Fetching | null {
    return this.#fetching;
  }

  /** Images that an interrupted run did not get to, until somebody decided about them. */
  get leftOver(): number {
    return this.#leftOver;
  }

  /** What a screen reader is told when a batch has ended. */
  get announcement(): string {
    return this.#announcement;
  }

  /** Images and bytes saved over all time, as far as they are known. */
  get soFar(): { images: number; savedBytes: number } | null {
    const { data } = this.dashboard;
    if (data) return { images: data.images_ever, savedBytes: data.saved_ever };
    if (this.#about) return { images: this.#about.images, savedBytes: this.#about.saved_bytes };
    return null;
  }

  /** Listens, and catches up with what happened before. */
  async start(): Promise<void> {
    // What happens while the state is on its way comes after it. Events that are in both do no
    // harm: each row ends as the last of them says.
    let early: Event[] | null = [];
    await onEvents((events) => {
      if (early) early.push(...events);
      else this.#apply(events);
    });
    await onDrag((drag) => this.#dragged(drag));
    await onPaused((paused) => this.queue.load(paused));
    await onSettings((settings) => this.settings.load(settings));
    await this.notices.attempt(async () => {
      const { settings, jobs, paused, held, left_over, ...about } = await this.#ipc.appState();
      this.settings.load(settings);
      this.#about = about;
      this.speak();
      this.queue.apply(jobs);
      // Nobody waits for what had ended by then.
      for (const event of jobs) if (event.type !== 'batch_finished') this.#notice(event);
      this.queue.load(paused, held);
      this.#leftOver = left_over;
    });
    await this.watched.load();
    await onAccount((status) => {
      // What the account's list told is in the history.
      if (status.synced_at !== this.account.status.synced_at) this.history.markStale();
      this.account.take(status);
    });
    await this.notices.attempt(() => this.account.load());
    const missed = early;
    early = null;
    this.#apply(missed);
  }

  /** Uses the chosen language. */
  speak(): void {
    const { language } = this.settings.value;
    if (language !== 'system') speak(language);
    else if (this.#about) speak(this.#about.system_language);
  }

  go(section: Section): void {
    this.#compared?.close();
    this.section = section;
  }

  /** Lays a row's image beside its result, or beside a derivative of it. */
  compareRow(id: JobId, child?: number): void {
    const row = this.queue.row(id);
    if (row) this.#compare({ row, child });
  }

  /** The same for a line of the history. */
  compareEntry(entry: HistoryEntry): void {
    this.#compare({ entry });
  }

  #compare(of: ConstructorParameters<typeof Compared>[2]): void {
    this.#compared = new Compared(this, this.#ipc, of, (row) => {
      this.#compared = null;
      this.#returned = row;
    });
  }

  /** The row that Compare was left from, told once: the focus goes back to it. */
  takeReturned(): JobId | null {
    const row = this.#returned;
    this.#returned = null;
    return row;
  }

  /** Makes one image anew with a mode and a level of its own. */
  async useFor(id: JobId, mode: Mode, level: Level): Promise<void> {
    await this.notices.attempt(async () => {
      await this.settings.settled();
      await this.queue.useOwn(id, mode, level);
    });
  }

  /**
   * Makes this image and every other of the list anew with this mode and level, and the next ones, too.
   * What watched folders brought keeps to its rules, but for this one.
   */
  async useForAll(id: JobId, mode: Mode, level: Level): Promise<void> {
    this.settings.change(mode === 'lossy' ? { mode, level } : { mode });
    const ids = this.queue.followingIds();
    if (!ids.includes(id)) await this.useFor(id, mode, level);
    if (ids.length > 0) await this.runAgain(ids);
  }

  /** Goes on with what an interrupted run did not get to, or forgets it. */
  async resume(forget: boolean): Promise<void> {
    const count = await this.notices.attempt(() => this.#ipc.resume(forget));
    if (count === undefined) return;
    this.#leftOver = 0;
    if (forget) this.notices.info(() => t('left_over.forgotten', { count }));
  }

  async chooseImages(): Promise<void> {
    await this.#add(() => this.#ipc.chooseImages());
  }

  async chooseFolder(): Promise<void> {
    await this.#add(() => this.#ipc.chooseFolder());
  }

  async paste(): Promise<void> {
    const queued = await this.#add(() => this.#ipc.paste());
    if (queued === 0) this.notices.info(() => t('notice.nothing_pasted'));
  }

  /** Asks for addresses of images. */
  askForAddresses(): void {
    const before = async () => {
      await this.settings.settled();
      this.go('optimize');
    };
    this.#fetching ??= new Fetching(this.#ipc, before, () => (this.#fetching = null));
  }

  /** Own pictures, for whoever has none at hand. */
  async trySamples(): Promise<void> {
    await this.#add(() => this.#ipc.samples());
  }

  /** Begins to drag what these rows were made into, or a derivative, out of the window. */
  async dragOut(ids: readonly JobId[], child?: number): Promise<void> {
    await this.notices.attempt(() => this.#ipc.dragOut([...ids], child));
  }

  /** Asks for a folder for results; nothing when the picker was dismissed. */
  async pickFolder(): Promise<string | null> {
    return (await this.notices.attempt(() => this.#ipc.chooseOutputFolder())) ?? null;
  }

  /** Where a picture of this size comes to lie with each strategy; null where a length is missing. */
  async placeStyles(
    width: number | null,
    height: number | null,
    source: { width: number; height: number },
  ): Promise<(Placement | null)[]> {
    return (await this.notices.attempt(() => this.#ipc.placeStyles(width, height, source))) ?? [];
  }

  async runAgain(ids = this.queue.runAgainIds()): Promise<void> {
    if (ids.length === 0) return this.notices.info(() => t('notice.nothing_to_run'));
    await this.notices.attempt(async () => {
      await this.settings.settled();
      await this.queue.retry(ids);
    });
  }

  /** Puts the originals of these rows back; without rows, those of the last batch. */
  async revert(ids = this.queue.lastRevertibleIds()): Promise<void> {
    await this.#putBack(this.queue.replacements(ids));
  }

  /** Puts the original of a line of the history back. */
  async revertEntry(entry: HistoryEntry): Promise<void> {
    await this.#putBack([{ history: entry.id, path: entry.path }]);
  }

  /** Writes a file by what asks for its place, and says where it is. */
  async exported(write: () => Promise<string | null>): Promise<void> {
    const path = await this.notices.attempt(write);
    if (path)
      this.notices.info(
        () => t('notice.exported', { name: fileName(path) }),
        () => path,
      );
  }

  /** Works once more on the original of a line of the history. */
  async runEntry(entry: HistoryEntry): Promise<void> {
    const done = await this.notices.attempt(async () => {
      await this.settings.settled();
      await this.#ipc.runHistory(entry.id);
      return true;
    });
    if (done) this.go('optimize');
  }

  /** Shows what the history has of a folder. */
  showFolder(folder: string): void {
    this.go('history');
    void this.history.narrow({ folder });
  }

  /** Takes a preset's settings over. */
  use(preset: Preset): void {
    this.settings.change(settingsOf(preset));
  }

  /** Reads a preset from a file, keeps it and uses it. */
  async importPreset(): Promise<void> {
    const preset = await this.notices.attempt(() => this.#ipc.importPreset());
    if (!preset) return;
    const presets = withPreset(this.settings.value.presets, preset);
    this.settings.change({ presets, ...settingsOf(preset) });
    this.notices.info(() => t('notice.preset_imported', { name: preset.name }));
  }

  async exportPreset(preset: Preset): Promise<void> {
    await this.exported(() => this.#ipc.exportPreset(preset));
  }

  async exportDashboard(): Promise<void> {
    await this.exported(() => this.#ipc.exportDashboard(this.dashboard.period));
  }

  /** Opens what a row was made into with the program that the system has for it. */
  async openResult(id: JobId, child?: number): Promise<void> {
    await this.notices.attempt(() => this.#ipc.openJob(id, child));
  }

  async copyFiles(ids: readonly JobId[], child?: number): Promise<void> {
    const count = await this.notices.attempt(() => this.#ipc.copyFiles([...ids], child));
    if (count !== undefined) this.notices.info(() => t('notice.copied_files', { count }));
  }

  async copyDataUrl(id: JobId, child?: number): Promise<void> {
    await this.#copied(
      () => this.#ipc.copyDataUrl(id, child),
      () => t('notice.copied_data_url'),
    );
  }

  async copyText(text: string): Promise<void> {
    await this.#copied(
      () => this.#ipc.copyText(text),
      () => t('notice.copied_snippet'),
    );
  }

  async #copied(copy: () => Promise<void>, says: () => string): Promise<void> {
    const done = await this.notices.attempt(async () => {
      await copy();
      return true;
    });
    if (done) this.notices.info(says);
  }

  /** Puts originals back; over files that were changed since only if the user says so. */
  async #putBack(lines: readonly Replacement[]): Promise<void> {
    if (lines.length === 0) return this.notices.info(() => t('notice.nothing_to_revert'));
    const revert = (ids: number[], force: boolean) =>
      this.notices.attempt(() => this.#ipc.revert(ids, force));
    const ids = lines.map(({ history }) => history);
    const first = await revert(ids, false);
    if (!first) return;
    const nameOf = (history: number) =>
      fileName(lines.find((line) => line.history === history)?.path ?? '');
    const edited = first.refused.filter(({ edited }) => edited).map(({ history }) => history);
    const others = first.refused.filter(({ edited }) => !edited);
    let { count } = first;
    if (edited.length > 0 && (await this.#askWhetherOver(edited.map(nameOf)))) {
      const forced = await revert(edited, true);
      count += forced?.count ?? 0;
      others.push(...(forced?.refused ?? []));
    }
    this.#saysReverted(count, others, nameOf);
  }

  #saysReverted(count: number, refused: Reverted['refused'], nameOf: (id: number) => string): void {
    const [first, ...more] = refused;
    if (!first) {
      if (count > 0) this.notices.info(() => t('notice.reverted', { count }));
      return;
    }
    const name = nameOf(first.history);
    this.notices.problem(
      () =>
        count > 0
          ? t('notice.reverted_some', { count, all: count + refused.length })
          : said(first.reason),
      () => {
        const why = count > 0 ? `${name}: ${said(first.reason)}` : '';
        const rest = more.length > 0 ? t('notice.reverted_others', { count: more.length }) : '';
        return `${why} ${rest}`.trim();
      },
    );
  }

  /** Whether originals are to be put back over files that were changed. */
  #askWhetherOver(names: readonly string[]): Promise<boolean> {
    return new Promise((resolve) => {
      this.#question = {
        names,
        answer: (yes) => {
          this.#question = null;
          resolve(yes);
        },
      };
    });
  }

  async #add(choose: () => Promise<number>): Promise<number | undefined> {
    const queued = await this.notices.attempt(async () => {
      await this.settings.settled();
      return choose();
    });
    if (queued) this.go('optimize');
    return queued;
  }

  #dragged(drag: Drag): void {
    this.#drag = drag.state === 'over' ? drag : null;
    if (drag.state === 'dropped') this.go('optimize');
  }

  /** Tells of the end of a batch of the user's: what watched folders bring, nobody waits for. */
  #tell(batch: BatchId): void {
    const totals = this.queue.totalsOf(batch);
    if (!totals) return;
    const summary = totalsSummary(totals);
    this.#announcement = t('notice.done', { summary: summary.join(', ') });
    // Whoever looks elsewhere. That it could not be told is nothing to trouble them with.
    this.#ipc.notify(t('notice.finished'), summary.join(' · ')).catch(() => {});
  }

  #apply(events: readonly Event[]): void {
    this.queue.apply(events);
    for (const event of events) this.#notice(event);
  }

  #notice(event: Event): void {
    switch (event.type) {
      case 'passed': {
        this.#passed.add(event.batch);
        const names = event.paths.slice(0, 3).map(fileName).join(', ');
        const more = event.count - Math.min(event.paths.length, 3);
        this.notices.info(
          () => t('notice.passed', { count: event.count, reason: said(event.reason) }),
          () => (more > 0 && names ? t('notice.passed_more', { names, count: more }) : names),
        );
        return;
      }
      case 'expanded':
        if (event.jobs === 0 && !this.#passed.has(event.batch))
          this.notices.info(() => t('notice.nothing_found'));
        return;
      case 'finished':
      case 'reverted':
        this.history.markStale();
        this.dashboard.markStale();
        this.watched.markStale();
        return;
      case 'watch':
        this.watched.told(event.status);
        return;
      case 'batch_finished':
        return this.#tell(event.batch);
    }
  }
}

export const [getApp, setApp] = createContext<App>();
