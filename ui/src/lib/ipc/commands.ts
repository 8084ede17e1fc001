import { convertFileSrc, invoke } from '@tauri-apps/api/core';
import type { Tongue } from '../messages/language.svelte';
import type {
  AccountDashboard,
  AccountDefaults,
  AccountStatus,
  Dashboard,
  Event,
  HistoryPage,
  HistoryQuery,
  JobId,
  Level,
  Mode,
  Period,
  Placement,
  Preset,
  Score,
  Settings,
  Tried,
  WatchActivity,
  WatchRules,
  WatchedFolder,
} from './types';

/** What the window needs to know when it opens. */
export interface AppState {
  version: string;
  settings: Settings;
  /** What the system speaks. */
  system_language: Tongue;
  data_dir: string;
  cores: number;
  /** Originals ever accepted. */
  images: number;
  /** Bytes ever saved. */
  saved_bytes: number;
  /** What already happened, in order: jobs from the command line, or from before a reload. */
  jobs: Event[];
  /** Whether the queue takes no new images for now. */
  paused: boolean;
  /** Images that are kept back. */
  held: JobId[];
  /** Images that an interrupted run did not get to. */
  left_over: number;
}

export interface Backups {
  count: number;
  bytes: number;
  dir: string;
}

/** What came of connecting an account. */
export interface Connected {
  status: AccountStatus;
  /** Nothing was connected: there is no keychain, and it is to be asked whether a file will do. */
  needs_file: boolean;
}

/** How to connect an account. */
export interface Connection extends Record<string, unknown> {
  endpoint: string;
  /** Empty takes the one in the environment. */
  token: string;
  allowHttp: boolean;
  tokenInFile: boolean;
}

/** A part of a picture, in its pixels. */
export type Box = Record<'left' | 'top' | 'width' | 'height', number>;

/** An original and its result, both decoded. */
export interface CompareState {
  /** Names it in every later command, and in the addresses of its pictures. */
  session: number;
  width: number;
  height: number;
  /** Hundredths of a second for each frame; one for a still picture. */
  delays: number[];
  /** Whether it is an SVG, sharp at any zoom. */
  drawing: boolean;
  /** Null beside a derivative: what it was made of is no file. */
  input_bytes: number | null;
  output_bytes: number;
  /** What is not the file any more that was measured. */
  changed: { original: boolean; result: boolean };
}

/** What came of putting originals back. */
export interface Reverted {
  count: number;
  refused: { history: number; edited: boolean; reason: string }[];
}

/** What other settings came to. */
export interface AttemptState {
  version: number;
  bytes: number;
  smaller: boolean;
  score: Score;
  removed: string[];
  notes: string[];
  tried: Tried[];
}

/** A row, or one of its derivatives by its place among them, or a line of the history. */
export interface Compared {
  of: 'job' | 'history';
  id: number;
  child?: number;
}

/** A part of the picture with other settings. */
export interface SampleState {
  /** Names its picture. */
  version: number;
  /** Of a file that holds this part alone. */
  bytes: number;
}

/**
 * The shell's commands. Each rejects with a plain sentence.
 *
 * An object, so that state classes can be given another one in tests.
 */
export const commands = {
  appState: () => invoke<AppState>('app_state'),
  /** Changes these and no others; answers all of them. */
  changeSettings: (changes: Partial<Settings>) => invoke<Settings>('change_settings', { changes }),
  /** Where a picture of this size comes to lie with each strategy, in their order; null where a length is missing. */
  placeStyles: (
    width: number | null,
    height: number | null,
    source: { width: number; height: number },
  ) =>
    invoke<(Placement | null)[]>('place_styles', {
      width,
      height,
      sourceWidth: source.width,
      sourceHeight: source.height,
    }),
  /** Answers how many paths were queued; 0 when the picker was dismissed. */
  chooseImages: () => invoke<number>('choose_images'),
  chooseFolder: () => invoke<number>('choose_folder'),
  chooseOutputFolder: () => invoke<string | null>('choose_output_folder'),
  paste: () => invoke<number>('paste'),
  /** Queues own pictures to try Whittle on; answers how many. */
  samples: () => invoke<number>('samples'),
  /** Fetches what lies at an address and queues it; answers where it was kept. The number is what stops it. */
  fetchImage: (address: string, fetch: number) => invoke<string>('fetch_image', { address, fetch }),
  stopFetching: (fetch: number) => invoke<void>('stop_fetching', { fetch }),
  setPaused: (paused: boolean) => invoke<void>('set_paused', { paused }),
  /** Keeps images that wait back while others go on, or lets them go on. */
  hold: (jobs: JobId[], held: boolean) => invoke<void>('hold', { jobs, held }),
  /** An empty list means all: callers with nothing to cancel must not call. */
  cancel: (jobs: JobId[]) => invoke<void>('cancel', { jobs }),
  retry: (jobs: JobId[]) => invoke<void>('retry', { jobs }),
  forget: (jobs: JobId[]) => invoke<void>('forget', { jobs }),
  /** With `child` a derivative, by its place among those of the row; so do the others that take one. */
  revealJob: (job: JobId, child?: number) => invoke<void>('reveal', { job, child }),
  revealHistory: (history: number) => invoke<void>('reveal', { history }),
  /** Puts originals back; with force over files that were changed since, too. */
  revert: (history: number[], force: boolean) => invoke<Reverted>('revert', { history, force }),
  /** Goes on with what an interrupted run did not get to, or forgets it. Answers how many. */
  resume: (forget: boolean) => invoke<number>('resume', { forget }),
  history: (query: HistoryQuery) => invoke<HistoryPage>('history', { query }),
  dashboard: (period: Period) => invoke<Dashboard>('dashboard', { period }),
  accountStatus: () => invoke<AccountStatus>('account_status'),
  accountConnect: (connection: Connection) => invoke<Connected>('account_connect', connection),
  accountDisconnect: () => invoke<AccountStatus>('account_disconnect'),
  accountSync: () => invoke<AccountStatus>('account_sync'),
  accountDefaults: (defaults: AccountDefaults) =>
    invoke<AccountStatus>('account_defaults', { defaults }),
  accountPause: (paused: boolean) => invoke<AccountStatus>('account_pause', { paused }),
  accountCancel: (item: number) => invoke<AccountStatus>('account_cancel', { item }),
  accountDashboard: () => invoke<AccountDashboard>('account_dashboard'),
  backups: () => invoke<Backups>('backups'),
  revealBackups: () => invoke<void>('reveal_backups'),
  /** Null where the system has no such thing. */
  startAtLogin: () => invoke<boolean | null>('start_at_login'),
  setStartAtLogin: (on: boolean) => invoke<void>('set_start_at_login', { on }),
  watchedFolders: () => invoke<WatchedFolder[]>('watched_folders'),
  /** Asks for a folder; null when the picker was dismissed. */
  addWatchedFolder: (rules: WatchRules) =>
    invoke<WatchedFolder | null>('add_watched_folder', { rules }),
  changeWatchedFolder: (id: number, rules: WatchRules) =>
    invoke<void>('change_watched_folder', { id, rules }),
  removeWatchedFolder: (id: number) => invoke<void>('remove_watched_folder', { id }),
  /** Since this moment, in ms since 1970. */
  watchActivity: (since: number) => invoke<WatchActivity[]>('watch_activity', { since }),
  /** Every line that fits. Answers where the file is; null when the dialog was dismissed. */
  exportHistory: (query: HistoryQuery) => invoke<string | null>('export_history', { query }),
  exportDashboard: (period: Period) => invoke<string | null>('export_dashboard', { period }),
  exportPreset: (preset: Preset) => invoke<string | null>('export_preset', { preset }),
  /** Null when the dialog was dismissed. */
  importPreset: () => invoke<Preset | null>('import_preset'),
  /** Works once more on the original of a line of the history, with the settings of now. */
  runHistory: (history: number) => invoke<void>('run_history', { history }),
  /** Opens a result with the program that the system has for it. */
  openJob: (job: JobId, child?: number) => invoke<void>('open', { job, child }),
  openHistory: (history: number) => invoke<void>('open', { history }),
  /** Begins to drag results to another program, while the pointer's button is held. */
  dragOut: (jobs: JobId[], child?: number) => invoke<void>('drag_out', { jobs, child }),
  /** Tells the system, if nobody is looking; answers whether it was told. */
  notify: (title: string, body: string) => invoke<boolean>('notify', { title, body }),
  /** Answers how many. */
  copyFiles: (jobs: JobId[], child?: number) => invoke<number>('copy_files', { jobs, child }),
  copyDataUrl: (job: JobId, child?: number) => invoke<void>('copy_data_url', { job, child }),
  copyText: (text: string) => invoke<void>('copy_text', { text }),
  /** Closes what was open before. */
  compareOpen: ({ of, id, child }: Compared) =>
    invoke<CompareState>('compare_open', { [of]: id, child: child ?? null }),
  /** A quick look at a part of a still picture; null where there is none, or it is not wanted any more. */
  compareSample: (session: number, mode: Mode, level: Level, part: Box) =>
    invoke<SampleState | null>('compare_sample', { session, mode, level, part }),
  /** Answers null when a newer attempt took its place. */
  compareAttempt: (session: number, mode: Mode, level: Level) =>
    invoke<AttemptState | null>('compare_attempt', { session, mode, level }),
  /** Ends the sample or attempt that is going on: another is about to be asked for. */
  compareStop: (session: number) => invoke<void>('compare_stop', { session }),
  compareClose: (session: number) => invoke<void>('compare_close', { session }),
  /** Works on these once more with a mode and a level of their own. */
  compareUse: (jobs: JobId[], mode: Mode, level: Level) =>
    invoke<void>('compare_use', { jobs, mode, level }),
};

export type Commands = typeof commands;

/** Where the thumbnail of a row or of a line of the history is served. */
export function thumbnail(of: 'job' | 'history', id: number): string {
  // With an empty path this is the protocol's root, which differs between systems.
  return `${convertFileSrc('', 'thumb')}${of}/${id}`;
}

/** Where a part of a compared picture is served; of a result, by the number of its attempt. */
export function comparedAddress(
  session: number,
  side: 'original' | 'result' | 'difference' | 'sample',
  version: number,
  frame: number,
  part: Box & Record<'toWidth' | 'toHeight', number>,
): string {
  const name = side === 'original' ? side : `${side}-${version}`;
  const { left, top, width, height, toWidth, toHeight } = part;
  const place = `${left},${top},${width},${height}/${toWidth},${toHeight}`;
  return `${convertFileSrc('', 'compare')}${session}/${name}/${frame}/${place}`;
}
