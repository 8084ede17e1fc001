import { clearMocks, mockConvertFileSrc, mockIPC } from '@tauri-apps/api/mocks';
import { render, screen } from '@testing-library/svelte';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import axe from 'axe-core';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fakeDashboard } from './dev/fake-history';
import type { Event } from './lib/ipc/types';
import { de } from './lib/messages/de';
import { en } from './lib/messages/en';
import { speak } from './lib/messages/language.svelte';
import { App } from './lib/state/app.svelte';
import { presetOf } from './lib/state/presets';
import { DEFAULTS } from './lib/state/settings.svelte';
import { rulesFrom } from './lib/watched/rules';
import { entry, finished, queued, quietCommands, replaced, STATE } from './test/samples';
import Window from './Window.svelte';

beforeEach(() => {
  mockIPC(() => ({ count: 2, bytes: 3_000_000, dir: '/b' }), { shouldMockEvents: true });
  mockConvertFileSrc('linux');
  document.documentElement.lang = 'en';
  document.title = 'Whittle';
});
afterEach(() => {
  clearMocks();
  speak('en');
});

const failed = finished(3, { outcome: 'failed', output_bytes: null, message: 'It is empty.' });
const list = [queued([1, 2, 3, 4]), finished(1), replaced(2), failed] satisfies Event[];

const press = (user: UserEvent, name: string) => user.click(screen.getByRole('button', { name }));

/** Every screen, and how it is reached. */
const SCREENS: [screen: string, events: Event[], reach: (user: UserEvent) => Promise<unknown>][] = [
  ['Optimize, empty', [], async () => {}],
  ['Optimize, with every kind of row', list, async () => {}],
  [
    'a row’s menu',
    list,
    (user) =>
      user.pointer({ target: screen.getByRole('row', { name: /image-1/ }), keys: '[MouseRight]' }),
  ],
  ['Resize styles', list, (user) => press(user, 'Resize…')],
  ['From URL', [], (user) => press(user, 'From URL…')],
  [
    'From URL, with what could not be fetched',
    [],
    async (user) => {
      await press(user, 'From URL…');
      await user.type(screen.getByRole('textbox'), 'http://a/b.png');
      await press(user, 'Fetch');
      await screen.findByRole('alert');
    },
  ],
  ['Output', list, (user) => press(user, 'Output: next to original')],
  [
    'Compare',
    list,
    async (user) => {
      await press(user, 'Compare image-1.png');
      await user.click(await screen.findByRole('button', { name: 'Details' }));
    },
  ],
  [
    'History',
    [],
    async (user) => {
      await press(user, 'History');
      await screen.findByRole('grid', { name: 'History' });
    },
  ],
  [
    'Dashboard',
    [],
    async (user) => {
      await press(user, 'Dashboard');
      await user.click(await screen.findByRole('button', { name: 'Show table' }));
    },
  ],
  ['Settings', [], (user) => press(user, 'Settings')],
  ['Presets', [], (user) => press(user, 'Presets')],
  ['Watched folders', [], (user) => press(user, 'Watched folders 1')],
  [
    'a watched folder’s rules',
    [],
    async (user) => {
      await press(user, 'Watched folders 1');
      await user.click(await screen.findByRole('button', { name: 'Show the last images Exports' }));
      await press(user, 'Rules Exports');
    },
  ],
  ['Keyboard shortcuts', [], (user) => user.keyboard('?')],
];

/** Shows the window with something in every section. */
async function open(events: Event[]): Promise<void> {
  const ipc = quietCommands();
  const preset = presetOf(DEFAULTS, 'Web');
  const settings = { ...DEFAULTS, presets: [preset], mode: 'lossless' as const };
  ipc.appState.mockResolvedValue({ ...STATE, settings, jobs: events, left_over: 2 });
  ipc.history.mockResolvedValue({ entries: [entry(1), entry(2, { revertible: true })], total: 2 });
  ipc.dashboard.mockResolvedValue(fakeDashboard(false));
  ipc.fetchImage.mockRejectedValue('There is nothing at this address.');
  const exports = { id: 1, path: '/home/ada/Exports', rules: rulesFrom(DEFAULTS) };
  ipc.watchedFolders.mockResolvedValue([exports]);
  const activity = { id: 1, images: 3, failed: 0, saved_bytes: 70_000, last: [entry(1)] };
  ipc.watchActivity.mockResolvedValue([activity]);
  const app = new App(ipc);
  render(Window, { app });
  await app.start();
  await tick();
}

it.each(SCREENS)('axe finds nothing on: %s', async (_screen, events, reach) => {
  await open(events);
  await reach(userEvent.setup());
  await tick();
  expect(await violations()).toEqual([]);
});

// Five screens, one after the other: more than the usual time on a busy machine.
it(
  'changes every word at once, keeps the focus, and axe finds nothing',
  { timeout: 30_000 },
  async () => {
    await open(list);
    const user = userEvent.setup();
    await press(user, 'Settings');
    await user.click(screen.getByRole('radio', { name: 'Deutsch' }));
    expect(document.documentElement.lang).toBe('de');
    expect(document.activeElement).toBe(screen.getByRole('radio', { name: 'Deutsch' }));
    // What is the same in both languages, and what is no word of the window.
    const words = new Set(
      Object.values(en).flatMap((text) => (typeof text === 'string' ? text : [])),
    );
    const same = new Set<string>(
      Object.values(de).flatMap((text) => (typeof text === 'string' ? text : [])),
    );
    const english: string[] = [];
    for (const section of ['Optimieren', 'Verlauf', 'Übersicht', 'Konto', 'Einstellungen']) {
      await press(user, section);
      await tick();
      expect(await violations()).toEqual([]);
      const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      while (texts.nextNode()) english.push(texts.currentNode.textContent?.trim() ?? '');
    }
    expect(english.length).toBeGreaterThan(200);
    expect(english.filter((text) => words.has(text as never) && !same.has(text))).toEqual([]);
  },
);

it('would find something', async () => {
  const app = new App(quietCommands());
  render(Window, { app });
  const nameless = document.createElement('button');
  screen.getByRole('main').append(nameless);
  expect(await violations()).toEqual([['button-name', '<button></button>']]);
  nameless.remove();
});

async function violations(): Promise<string[][]> {
  const { violations } = await axe.run(document, {
    // Needs pixels; tokens.test.ts holds the contrast of every pair of colours.
    rules: { 'color-contrast': { enabled: false } },
  });
  return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
}
