import { emit } from '@tauri-apps/api/event';
import { mockIPC } from '@tauri-apps/api/mocks';
import type {
  AppState,
  AttemptState,
  Backups,
  CompareState,
  Reverted,
  SampleState,
} from '../lib/ipc/commands';
import type {
  Event,
  HistoryQuery,
  JobInfo,
  Mode,
  Period,
  Settings,
  Theme,
  WatchedFolder,
} from '../lib/ipc/types';
import { NO_ACCOUNT } from '../lib/account/account.svelte';
import { DEFAULTS } from '../lib/state/settings.svelte';
import { rulesFrom } from '../lib/watched/rules';
import { fakeDashboard, fakeHistory, pageOf } from './fake-history';
import { job, report, stage, type Scene } from './scenes';

declare global {
  interface Window {
    __TAURI_INTERNALS__: { convertFileSrc?: (path: string, protocol: string) => string };
  }
}

const RULES = rulesFrom(DEFAULTS);
const FOLDERS: WatchedFolder[] = [
  { id: 0, path: '/home/ada/Sites/shop/assets', rules: { ...RULES, output: { kind: 'in_place' } } },
  {
    id: 1,
    path: '/home/ada/Exports/Figma',
    rules: {
      ...RULES,
      mode: 'lossy',
      level: 70,
      output: { kind: 'folder', path: '/home/ada/Exports/optimized' },
    },
  },
  { id: 2, path: '/mnt/nas/press', rules: { ...RULES, mode: 'lossless', paused: true } },
];

type Arguments = {
  changes?: Partial<Settings>;
  period?: Period;
  child?: number | null;
  paused?: boolean;
  jobs?: number[];
  history?: number[];
  query?: HistoryQuery;
  job?: number;
  mode?: Mode;
  level?: number;
};

/** A shell that lives in memory: it plays a scene, and then works on what it is given. */
export function installFakeIpc(scene: Scene, theme: Theme) {
  const shown = stage(scene);
  let settings: Settings = { ...shown.settings, theme };
  const lines = fakeHistory(scene === 'empty' ? 0 : 460);
  const known = new Map<number, JobInfo>();
  const waiting: number[] = [];
  let paused = false;
  let next = 100_000;
  let attempts = 0;
  let samples = 0;

  const tell = (...events: Event[]) => emit('whittle:events', events);
  for (const event of shown.events)
    if (event.type === 'queued') for (const info of event.jobs) known.set(info.id, info);

  function add(count: number): number {
    const batch = `live${next}`;
    const jobs = Array.from({ length: count }, () => {
      const id = next++;
      return job(id, `image-${id}.png`, 400_000 + ((id * 7919) % 5_000_000), batch);
    });
    for (const info of jobs) known.set(info.id, info);
    waiting.push(...jobs.map(({ id }) => id));
    void tell({ type: 'queued', jobs }, { type: 'expanded', batch, jobs: count });
    return count;
  }

  let current: { id: number; done: number } | null = null;
  setInterval(() => {
    if (current === null) {
      const id = paused ? undefined : waiting.shift();
      if (id === undefined) return;
      current = { id, done: 0 };
      void tell({ type: 'started', job: id });
    }
    current.done += 0.2;
    const info = known.get(current.id);
    if (current.done < 1 || !info) {
      void tell({ type: 'progress', job: current.id, done: current.done });
      if (!info) current = null;
      return;
    }
    const smaller = { format: 'png', output_bytes: Math.round(info.input_bytes * 0.37) } as const;
    const size = { width: 1600, height: 900, score: 86 };
    void tell({
      type: 'finished',
      job: info.id,
      report: report(info, settings, { ...smaller, ...size }),
      history: info.id,
      as_before: false,
    });
    current = null;
    if (waiting.length === 0) void tell({ type: 'batch_finished', batch: info.batch });
  }, 90);

  function answer(command: string, args: Arguments): unknown {
    switch (command) {
      case 'app_state':
        return {
          version: '0.1.0',
          settings,
          system_language: 'en',
          data_dir: '/home/ada/.local/share/whittle',
          cores: 8,
          images: scene === 'empty' ? 0 : 18_204,
          saved_bytes: scene === 'empty' ? 0 : 9_610_000_000,
          jobs: shown.events,
          paused: false,
          held: [],
          left_over: scene === 'notices' ? 12 : 0,
        } satisfies AppState;
      case 'change_settings':
        settings = { ...settings, ...args.changes };
        return settings;
      case 'fetch_image':
        add(1);
        return '/home/ada/Downloads/photo.jpg';
      case 'choose_images':
        return add(8);
      case 'choose_folder':
        return add(200);
      case 'choose_output_folder':
        return '/home/ada/Pictures/optimized';
      case 'paste':
        return 0;
      case 'set_paused':
        paused = args.paused ?? false;
        return null;
      case 'cancel': {
        const ids = args.jobs?.length ? args.jobs : [...waiting, ...(current ? [current.id] : [])];
        for (const id of ids) {
          const info = known.get(id);
          if (current?.id === id) current = null;
          if (waiting.includes(id)) waiting.splice(waiting.indexOf(id), 1);
          if (info)
            void tell({
              type: 'finished',
              job: id,
              report: report(info, settings, { outcome: 'cancelled', code: 'cancelled' }),
              history: null,
              as_before: false,
            });
        }
        return null;
      }
      case 'retry': {
        const batch = `again${next++}`;
        const jobs = (args.jobs ?? []).flatMap((id) => known.get(id) ?? []);
        for (const info of jobs) info.batch = batch;
        waiting.push(...jobs.map(({ id }) => id));
        void tell({ type: 'queued', jobs });
        return null;
      }
      case 'revert': {
        const ids = args.history ?? [];
        for (const line of lines)
          if (ids.includes(line.id)) Object.assign(line, { revertible: false, reverted: true });
        void tell(...ids.map((history): Event => ({ type: 'reverted', history })));
        return { count: ids.length, refused: [] } satisfies Reverted;
      }
      case 'history':
        return args.query ? pageOf(lines, args.query) : null;
      case 'dashboard':
        return fakeDashboard(scene === 'empty', args.period);
      case 'account_status':
      case 'account_sync':
      case 'account_disconnect':
        return NO_ACCOUNT;
      case 'backups':
        return {
          count: 128,
          bytes: 481_200_000,
          dir: '/home/ada/.local/share/whittle/backups',
        } satisfies Backups;
      case 'compare_open':
        return {
          session: 1,
          width: 2400,
          height: 1800,
          delays: args.job === 4 ? Array.from({ length: 48 }, () => 8) : [0],
          drawing: args.job === 3,
          input_bytes:
            typeof args.child === 'number'
              ? null
              : (known.get(args.job ?? 0)?.input_bytes ?? 6_100_000),
          output_bytes: 1_740_000,
          changed: { original: false, result: false },
        } satisfies CompareState;
      case 'compare_sample':
        samples += 1;
        return { version: samples, bytes: 9_000 + (args.level ?? 85) * 300 } satisfies SampleState;
      case 'compare_attempt': {
        const { mode = 'balanced', level = 85 } = args;
        attempts += 1;
        const made: AttemptState = {
          version: attempts,
          bytes: Math.round(1_000_000 + (mode === 'lossy' ? level * 12_000 : 1_400_000)),
          smaller: true,
          score: mode === 'lossless' ? 100 : mode === 'balanced' ? 85.2 : level * 0.9,
          removed: ['GPS position', 'thumbnail'],
          notes: ['Display P3 kept', 'alpha'],
          tried: [
            { way: 'reduced', bytes: 900_000, score: 79.1, verdict: 'too_far' },
            { way: 'reduced', bytes: 1_000_000, score: 85.2, verdict: 'chosen' },
            { way: 'packed', bytes: 4_100_000, score: 100, verdict: 'too_large' },
          ],
        };
        return new Promise((resolve) => setTimeout(() => resolve(made), 700));
      }
      case 'compare_use':
        return answer('retry', args);
      case 'watched_folders':
        return scene === 'empty' ? [] : FOLDERS;
      case 'watch_activity':
        return FOLDERS.map(({ id }) => ({
          id,
          images: [128, 12, 0][id] ?? 0,
          failed: id === 1 ? 1 : 0,
          saved_bytes: [41_200_000, 3_100_000, 0][id] ?? 0,
          last: id === 0 ? lines.slice(0, 5) : [],
        }));
      case 'samples':
        return add(4);
      case 'start_at_login':
        return false;
      case 'change_watched_folder':
      case 'remove_watched_folder':
      case 'set_start_at_login':
      case 'hold':
      case 'notify':
      case 'add_watched_folder':
      case 'export_history':
      case 'export_dashboard':
      case 'export_preset':
      case 'import_preset':
        return null;
      case 'copy_files':
        return args.jobs?.length ?? 0;
      case 'copy_data_url':
      case 'copy_text':
      case 'compare_stop':
      case 'compare_close':
      case 'stop_fetching':
      case 'forget':
      case 'reveal':
      case 'reveal_backups':
        return null;
      default:
        throw new Error(`the made-up shell has no command ${command}`);
    }
  }

  mockIPC((command, args) => answer(command, (args ?? {}) as Arguments), {
    shouldMockEvents: true,
  });
  window.__TAURI_INTERNALS__.convertFileSrc = (_path, protocol) => `/${protocol}/`;

  return {
    /** Plays what comes after the window has opened. */
    async play(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, 60));
      if (shown.later.length > 0) await tell(...shown.later);
      if (shown.drag) await emit('whittle:drag', shown.drag);
      if (scene === 'paused') click('Pause');
      if (scene === 'stale') click('Lossy');
      if (scene === 'notices') {
        click('Paste');
        await emit('whittle:events', []);
      }
    },
  };
}

function click(name: string): void {
  const buttons = [...document.querySelectorAll<HTMLButtonElement>('button')];
  buttons.find((button) => button.textContent.trim() === name)?.click();
}
