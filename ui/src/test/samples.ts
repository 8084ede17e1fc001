import { vi } from 'vitest';
import { job, report } from '../dev/scenes';
import type { AppState, Commands, CompareState } from '../lib/ipc/commands';
import type { AccountStatus, Event, HistoryEntry, JobId, JobInfo, Report } from '../lib/ipc/types';
import { NO_ACCOUNT } from '../lib/account/account.svelte';
import { DEFAULTS } from '../lib/state/settings.svelte';
import { STRATEGIES } from '../lib/state/styles';

export function queued(
  ids: readonly JobId[],
  batch = 'b1',
  bytes = 1_000_000,
  rest: Partial<JobInfo> = {},
): Event {
  const jobs = ids.map((id) => ({ ...job(id, `image-${id}.png`, bytes, batch), ...rest }));
  return { type: 'queued', jobs };
}

/** Images of a watched folder. */
export function appeared(ids: readonly JobId[], batch = 'w1'): Event {
  return queued(ids, batch, 1_000_000, { origin: 'watch', by_settings: false });
}

export function ended(batch = 'b1'): Event {
  return { type: 'batch_finished', batch };
}

export function finished(id: JobId, rest: Partial<Report> = {}, history: number | null = 100 + id) {
  const info = job(id, `image-${id}.png`, 1_000_000);
  return {
    type: 'finished',
    job: id,
    report: report(info, DEFAULTS, { output_bytes: 400_000, format: 'png', score: 86, ...rest }),
    history,
    as_before: false,
  } satisfies Event;
}

/** The original was replaced. */
export function replaced(id: JobId): Event {
  return finished(id, { output: job(id, `image-${id}.png`, 0).path });
}

export const STATE: AppState = {
  version: '0.1.0',
  settings: DEFAULTS,
  system_language: 'en',
  data_dir: '/data/whittle',
  cores: 4,
  images: 0,
  saved_bytes: 0,
  jobs: [],
  paused: false,
  left_over: 0,
  held: [],
};

/** An account that is connected, with something on its way. */
export const ACCOUNT: AccountStatus = {
  ...NO_ACCOUNT,
  state: 'up_to_date',
  endpoint: 'https://api.crush.pics/v1',
  login: 'ada@example.com',
  token: 'keychain',
  plan: { name: 'Free', bytes: 25_000_000, used: 3_600_688, renews_at: null },
  defaults: { mode: 'balanced', level_jpg: 85, level_png: 85, level_gif: 85 },
  synced_at: '2026-11-24T10:00:00.000Z',
};

export const COMPARED: CompareState = {
  session: 1,
  width: 4000,
  height: 3000,
  delays: [0],
  drawing: false,
  input_bytes: 1_000_000,
  output_bytes: 400_000,
  changed: { original: false, result: false },
};

/** A shell's settings. */
function changing(): Commands['changeSettings'] {
  let settings = DEFAULTS;
  return async (changes) => (settings = { ...settings, ...changes });
}

/** A shell that answers with nothing, and remembers what it was asked. */
export function quietCommands() {
  return {
    appState: vi.fn<Commands['appState']>(async () => STATE),
    changeSettings: vi.fn<Commands['changeSettings']>(changing()),
    fetchImage: vi.fn<Commands['fetchImage']>(async () => '/downloads/photo.jpg'),
    stopFetching: vi.fn<Commands['stopFetching']>(async () => {}),
    chooseImages: vi.fn<Commands['chooseImages']>(async () => 1),
    chooseFolder: vi.fn<Commands['chooseFolder']>(async () => 1),
    chooseOutputFolder: vi.fn<Commands['chooseOutputFolder']>(async () => null),
    samples: vi.fn<Commands['samples']>(async () => 4),
    hold: vi.fn<Commands['hold']>(async () => {}),
    dragOut: vi.fn<Commands['dragOut']>(async () => {}),
    notify: vi.fn<Commands['notify']>(async () => true),
    placeStyles: vi.fn<Commands['placeStyles']>(async () => STRATEGIES.map(() => null)),
    paste: vi.fn<Commands['paste']>(async () => 0),
    setPaused: vi.fn<Commands['setPaused']>(async () => {}),
    cancel: vi.fn<Commands['cancel']>(async () => {}),
    retry: vi.fn<Commands['retry']>(async () => {}),
    forget: vi.fn<Commands['forget']>(async () => {}),
    revealJob: vi.fn<Commands['revealJob']>(async () => {}),
    revealHistory: vi.fn<Commands['revealHistory']>(async () => {}),
    revert: vi.fn<Commands['revert']>(async ({ length }) => ({ count: length, refused: [] })),
    resume: vi.fn<Commands['resume']>(async () => 0),
    history: vi.fn<Commands['history']>(async () => ({ entries: [], total: 0 })),
    dashboard: vi.fn<Commands['dashboard']>(() => Promise.reject('not asked for')),
    accountStatus: vi.fn<Commands['accountStatus']>(async () => NO_ACCOUNT),
    accountConnect: vi.fn<Commands['accountConnect']>(async () => ({
      status: NO_ACCOUNT,
      needs_file: false,
    })),
    accountDisconnect: vi.fn<Commands['accountDisconnect']>(async () => NO_ACCOUNT),
    accountSync: vi.fn<Commands['accountSync']>(async () => NO_ACCOUNT),
    accountDefaults: vi.fn<Commands['accountDefaults']>(async () => NO_ACCOUNT),
    accountPause: vi.fn<Commands['accountPause']>(async () => NO_ACCOUNT),
    accountCancel: vi.fn<Commands['accountCancel']>(async () => NO_ACCOUNT),
    accountDashboard: vi.fn<Commands['accountDashboard']>(() => Promise.reject('not asked for')),
    backups: vi.fn<Commands['backups']>(async () => ({ count: 0, bytes: 0, dir: '/backups' })),
    revealBackups: vi.fn<Commands['revealBackups']>(async () => {}),
    startAtLogin: vi.fn<Commands['startAtLogin']>(async () => null),
    setStartAtLogin: vi.fn<Commands['setStartAtLogin']>(async () => {}),
    watchedFolders: vi.fn<Commands['watchedFolders']>(async () => []),
    addWatchedFolder: vi.fn<Commands['addWatchedFolder']>(async () => null),
    changeWatchedFolder: vi.fn<Commands['changeWatchedFolder']>(async () => {}),
    watchActivity: vi.fn<Commands['watchActivity']>(async () => []),
    removeWatchedFolder: vi.fn<Commands['removeWatchedFolder']>(async () => {}),
    exportHistory: vi.fn<Commands['exportHistory']>(async () => null),
    exportDashboard: vi.fn<Commands['exportDashboard']>(async () => null),
    exportPreset: vi.fn<Commands['exportPreset']>(async () => null),
    importPreset: vi.fn<Commands['importPreset']>(async () => null),
    runHistory: vi.fn<Commands['runHistory']>(async () => {}),
    openJob: vi.fn<Commands['openJob']>(async () => {}),
    openHistory: vi.fn<Commands['openHistory']>(async () => {}),
    copyFiles: vi.fn<Commands['copyFiles']>(async (jobs) => jobs.length),
    copyDataUrl: vi.fn<Commands['copyDataUrl']>(async () => {}),
    copyText: vi.fn<Commands['copyText']>(async () => {}),
    compareOpen: vi.fn<Commands['compareOpen']>(async () => COMPARED),
    compareSample: vi.fn<Commands['compareSample']>(async () => null),
    compareAttempt: vi.fn<Commands['compareAttempt']>(async () => null),
    compareStop: vi.fn<Commands['compareStop']>(async () => {}),
    compareClose: vi.fn<Commands['compareClose']>(async () => {}),
    compareUse: vi.fn<Commands['compareUse']>(async () => {}),
  } satisfies Commands;
}

export function entry(id: number, rest: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    id,
    created_at: '2026-11-23T10:00:00.000Z',
    origin: 'file',
    path: `/pictures/image-${id}.png`,
    output: `/pictures/image-${id}.min.png`,
    format: 'png',
    outcome: 'optimized',
    code: null,
    message: null,
    mode: 'balanced',
    level: null,
    score: 86,
    style: null,
    input_bytes: 1_000_000,
    output_bytes: 400_000,
    batch: 'b1',
    width: 10,
    height: 10,
    revertible: false,
    reverted: false,
    ...rest,
  };
}
