import type { Drag } from '../lib/ipc/events';
import type { Event, JobInfo, Output, Report, ResizeStyle, Settings } from '../lib/ipc/types';
import { DEFAULTS } from '../lib/state/settings.svelte';

/** What the made-up shell can show. `live` begins empty and works on what is chosen. */
export const SCENES = [
  'live',
  'empty',
  'dragging',
  'dragging-nothing',
  'working',
  'paused',
  'done',
  'replaced',
  'stale',
  'many',
  'notices',
] as const;
export type Scene = (typeof SCENES)[number];

export function isScene(name: string): name is Scene {
  return (SCENES as readonly string[]).includes(name);
}

export interface Stage {
  settings: Settings;
  /** What happened before the window opened. */
  events: Event[];
  /** What happens afterwards. */
  later: Event[];
  drag?: Drag;
}

const HOME = '/home/ada/Pictures';
const STYLES: ResizeStyle[] = [
  { name: 'thumb', strategy: 'fit', width: 320, height: 100 },
  { name: 'hero', strategy: 'crop', width: 1600, height: 900 },
];

type Sample = [name: string, bytes: number, report: Partial<Report>];

const SAMPLES: Sample[] = [
  [
    'hero-mountains.jpg',
    4_820_000,
    {
      format: 'jpeg',
      output_bytes: 1_310_000,
      width: 4000,
      height: 2667,
      score: 86.2,
      notes: ['Display P3 kept'],
      removed: ['GPS position', 'camera serial number'],
    },
  ],
  [
    'product-shot-03.png',
    6_100_000,
    {
      format: 'png',
      output_bytes: 1_740_000,
      width: 2400,
      height: 2400,
      score: 88.1,
      notes: ['alpha'],
      derivatives: [
        {
          style: 'thumb',
          strategy: 'fit',
          width: 100,
          height: 100,
          output: `${HOME}/shop/product-shot-03.thumb.png`,
          bytes: 18_200,
          score: 87,
        },
      ],
    },
  ],
  [
    'logo-lockup.svg',
    84_100,
    {
      format: 'svg',
      output_bytes: 31_000,
      width: 640,
      height: 200,
      score: 100,
      notes: ['render verified'],
    },
  ],
  [
    'banner-sale.gif',
    3_370_000,
    { format: 'gif', output_bytes: 2_020_000, width: 728, height: 90, frames: 48, score: 83.4 },
  ],
  [
    'team.jpg',
    212_000,
    {
      format: 'jpeg',
      outcome: 'already_optimal',
      output_bytes: 212_000,
      width: 1200,
      height: 800,
      score: 100,
    },
  ],
  [
    'export-final.png',
    1_070_000,
    {
      outcome: 'failed',
      code: 'undecodable',
      message: 'The file ends in the middle of its image data.',
    },
  ],
  [
    'a-photo-with-a-very-long-name-that-somebody-exported-from-a-camera-roll-2026-11-23.jpeg',
    7_412_000,
    {
      format: 'jpeg',
      output_bytes: 2_900_400,
      width: 6000,
      height: 4000,
      score: 85.1,
      notes: ['rotated 90°'],
    },
  ],
  [
    'already.min.png',
    40_400,
    {
      format: 'png',
      outcome: 'skipped',
      code: 'own_output',
      message: 'It is Whittle’s own output already.',
    },
  ],
  ['checkout-flow.png', 2_940_000, { outcome: 'cancelled', code: 'cancelled' }],
  [
    'dashboard-retina.png',
    3_112_000,
    { format: 'png', output_bytes: 1_100_000, width: 2880, height: 1800, score: 90.2 },
  ],
];

export function job(id: number, name: string, bytes: number, batch = 'b1'): JobInfo {
  const path = `${HOME}/shop/${name}`;
  return { id, batch, origin: 'file', by_settings: true, path, input_bytes: bytes };
}

export function report(info: JobInfo, settings: Settings, rest: Partial<Report>): Report {
  const written = rest.outcome === undefined || rest.outcome === 'optimized';
  return {
    path: info.path,
    output: written ? outputPath(info.path, settings.output) : null,
    format: null,
    outcome: 'optimized',
    code: null,
    message: null,
    mode: settings.mode,
    level: settings.mode === 'lossy' ? settings.level : null,
    score: null,
    input_bytes: info.input_bytes,
    output_bytes: null,
    width: null,
    height: null,
    frames: 1,
    removed: [],
    notes: [],
    tried: [],
    ms: 700,
    derivatives: [],
    ...rest,
  };
}

function outputPath(path: string, output: Output): string {
  switch (output.kind) {
    case 'in_place':
      return path;
    case 'folder':
      return path.replace(HOME, output.path);
    case 'suffix':
      return path.replace(/\.(\w+)$/, `.${output.suffix}.$1`);
  }
}

export function stage(scene: Scene): Stage {
  const settings: Settings = { ...DEFAULTS };
  switch (scene) {
    case 'live':
    case 'empty':
      return { settings, events: [], later: [] };
    case 'dragging':
      return {
        settings,
        events: [],
        later: [],
        drag: { state: 'over', images: 24, skipped: 3, bytes: 48_200_000, more: false },
      };
    case 'dragging-nothing':
      return {
        ...done(settings),
        drag: { state: 'over', images: 0, skipped: 2, bytes: 0, more: false },
      };
    case 'working':
    case 'paused': {
      const lossy: Settings = {
        ...settings,
        mode: 'lossy',
        level: 65,
        styles: STYLES,
        output: { kind: 'in_place' },
      };
      return working(lossy);
    }
    case 'done':
      return done(settings);
    case 'replaced':
      return done({ ...settings, output: { kind: 'in_place' } });
    case 'stale':
      return done(settings);
    case 'many':
      return many(settings);
    case 'notices':
      return {
        ...done(settings),
        later: [
          {
            type: 'passed',
            batch: 'b1',
            count: 12,
            paths: [`${HOME}/shop/notes.txt`, `${HOME}/shop/brief.pdf`, `${HOME}/shop/clip.mov`],
            reason: 'they are not images that Whittle knows.',
          },
        ],
      };
  }
}

function done(settings: Settings): Stage {
  const jobs = SAMPLES.map(([name, bytes], index) => job(index + 1, name, bytes));
  return {
    settings,
    events: [
      { type: 'queued', jobs },
      { type: 'expanded', batch: 'b1', jobs: jobs.length },
      ...jobs.map((info, index): Event => ({
        type: 'finished',
        job: info.id,
        report: report(info, settings, SAMPLES[index]?.[2] ?? {}),
        history: 100 + info.id,
        as_before: false,
      })),
      { type: 'batch_finished', batch: 'b1' },
    ],
    later: [],
  };
}

function working(settings: Settings): Stage {
  const all = done(settings);
  const ended = all.events.filter((event) => event.type !== 'finished' || event.job <= 6);
  const first = ended[0];
  if (first?.type === 'queued') {
    const more = Array.from({ length: 6 }, (_, i) =>
      job(11 + i, `campaign-${String(i + 1).padStart(2, '0')}.jpg`, 2_100_000 + i * 310_000),
    );
    first.jobs.push(...more);
  }
  return {
    settings,
    events: ended.filter((event) => event.type !== 'batch_finished'),
    later: [
      { type: 'started', job: 7 },
      { type: 'progress', job: 7, done: 0.58 },
      { type: 'started', job: 8 },
      { type: 'progress', job: 8, done: 0.2 },
    ],
  };
}

function many(settings: Settings): Stage {
  const jobs = Array.from({ length: 10_000 }, (_, i) =>
    job(i + 1, `photo-${String(i + 1).padStart(5, '0')}.jpg`, 1_000_000 + ((i * 7919) % 4_000_000)),
  );
  const events: Event[] = [];
  for (let at = 0; at < jobs.length; at += 500)
    events.push({ type: 'queued', jobs: jobs.slice(at, at + 500) });
  for (const info of jobs.slice(0, 4000))
    events.push({
      type: 'finished',
      job: info.id,
      report: report(info, settings, {
        format: 'jpeg',
        output_bytes: Math.round(info.input_bytes * 0.4),
        width: 3000,
        height: 2000,
        score: 85.5,
      }),
      history: info.id,
      as_before: false,
    });
  return { settings, events, later: [] };
}
