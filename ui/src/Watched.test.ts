import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockConvertFileSrc, mockIPC } from '@tauri-apps/api/mocks';
import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Event, WatchedFolder } from './lib/ipc/types';
import { App } from './lib/state/app.svelte';
import { DEFAULTS } from './lib/state/settings.svelte';
import { rulesFrom } from './lib/watched/rules';
import { entry, queued, quietCommands, STATE } from './test/samples';
import Window from './Window.svelte';

beforeEach(() => {
  mockIPC(() => null, { shouldMockEvents: true });
  mockConvertFileSrc('linux');
});
afterEach(clearMocks);

const exports: WatchedFolder = {
  id: 1,
  path: '/home/ada/Exports',
  rules: { ...rulesFrom(DEFAULTS), output: { kind: 'in_place' } },
};
const press: WatchedFolder = { id: 2, path: '/mnt/nas/press', rules: rulesFrom(DEFAULTS) };

async function open(folders: WatchedFolder[], ...jobs: Event[]) {
  const ipc = quietCommands();
  ipc.appState.mockResolvedValue({ ...STATE, jobs });
  ipc.watchedFolders.mockResolvedValue(folders);
  const app = new App(ipc);
  render(Window, { app });
  await app.start();
  await tick();
  const user = userEvent.setup();
  await user.click(button(/^Watched folders/));
  return { app, ipc, user };
}

const button = (name: string | RegExp) => screen.getByRole('button', { name });
const card = (name: string) => within(screen.getByRole('listitem', { name }));
const text = (element: Element) => element.textContent.replace(/\s+/g, ' ').trim();

describe('Watched folders', () => {
  it('says how each is doing, and what came of its images', async () => {
    const { ipc } = await open([exports, press], queued([1], 'b1'));
    ipc.watchActivity.mockResolvedValue([
      { id: 1, images: 128, failed: 1, saved_bytes: 41_200_000, last: [] },
    ]);
    await emit('whittle:events', [
      {
        type: 'watch',
        status: { id: 2, path: press.path, state: 'missing', message: 'The folder is not there.' },
      },
    ]);
    expect(text(button(/^Watched folders/))).toBe('Watched folders 2');
    expect(await card('Exports').findByText('128 images today · 41.2 MB saved · 1 failed'));
    expect(card('Exports').getByText('Balanced · replace originals, backups kept')).toBeTruthy();
    expect(card('Exports').getByText('On')).toBeTruthy();
    expect(card('press').getByText('Unreachable')).toBeTruthy();
    expect(card('press').getByText('The folder is not there.')).toBeTruthy();
  });

  it('pauses one, and goes on', async () => {
    const { ipc, user } = await open([exports]);
    const watch = () => screen.getByRole('switch', { name: 'Watch Exports' });
    expect(watch().getAttribute('aria-checked')).toBe('true');
    await user.click(watch());
    expect(ipc.changeWatchedFolder).toHaveBeenLastCalledWith(1, { ...exports.rules, paused: true });
    expect(card('Exports').getByText('Paused')).toBeTruthy();
    await user.click(watch());
    expect(ipc.changeWatchedFolder).toHaveBeenLastCalledWith(1, exports.rules);
  });

  it('shows the last images of a folder', async () => {
    const { ipc, user } = await open([exports]);
    ipc.watchActivity.mockResolvedValue([
      { id: 1, images: 0, failed: 0, saved_bytes: 0, last: [entry(5)] },
    ]);
    await user.click(await screen.findByRole('button', { name: 'Show the last images Exports' }));
    const list = screen.getByRole('list', { name: 'The last images of Exports' });
    expect(text(within(list).getByRole('listitem'))).toContain('image-5.png Optimized −60.0 %');
  });

  it('takes nothing from a new folder before its rules were looked at', async () => {
    const { app, ipc, user } = await open([]);
    app.settings.change({ mode: 'lossy', level: 70 });
    expect(screen.getByText('No watched folders yet')).toBeTruthy();
    ipc.addWatchedFolder.mockImplementation(async (rules) => ({ ...exports, rules }));
    await user.click(button('Watch a folder…'));
    const fresh = { ...rulesFrom({ ...DEFAULTS, mode: 'lossy', level: 70 }), paused: true };
    expect(ipc.addWatchedFolder).toHaveBeenCalledExactlyOnceWith(fresh);
    const dialog = within(screen.getByRole('dialog', { name: 'Rules for “Exports”' }));
    await user.click(dialog.getByRole('radio', { name: 'Replace original' }));
    await user.type(dialog.getByRole('textbox', { name: 'Except' }), 'drafts, *-raw.*');
    await user.click(dialog.getByRole('button', { name: 'Start watching' }));
    expect(ipc.changeWatchedFolder).toHaveBeenCalledExactlyOnceWith(1, {
      ...fresh,
      paused: false,
      output: { kind: 'in_place' },
      exclude: ['drafts', '*-raw.*'],
    });
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(card('Exports').getByText(/^Lossy 70/)).toBeTruthy();
  });

  it('has a control for all that the rules know', async () => {
    const rules = { ...exports.rules, min_bytes: 1234 };
    const { ipc, user } = await open([{ ...exports, rules }]);
    await user.click(button('Rules Exports'));
    const dialog = within(screen.getByRole('dialog', { name: 'Rules for “Exports”' }));
    await user.click(dialog.getByText('Sizes, dates, metadata and effort'));
    const size = dialog.getByRole('combobox', { name: 'Smallest file' });
    // What is none of the usual choices is shown as well.
    expect(size).toHaveProperty('value', '1234');
    expect(within(size).getByRole('option', { name: /^1\.2.KB$/ })).toBeTruthy();
    await user.selectOptions(size, '50000');
    await user.selectOptions(dialog.getByRole('combobox', { name: 'Minimum saving' }), '5');
    await user.click(dialog.getByRole('radio', { name: 'Same as original' }));
    await user.click(dialog.getByRole('radio', { name: 'Remove everything' }));
    await user.click(dialog.getByRole('radio', { name: 'Maximum' }));
    await user.click(dialog.getByRole('button', { name: 'Save rules' }));
    expect(ipc.changeWatchedFolder).toHaveBeenCalledExactlyOnceWith(1, {
      ...rules,
      min_bytes: 50_000,
      min_saving: 5,
      keep_times: true,
      metadata: 'strip',
      effort: 'max',
    });
    expect(card('Exports').getByText(/from 50.KB · only if 5.% smaller/)).toBeTruthy();
  });

  it('keeps no folder whose rules nobody agreed to', async () => {
    const { ipc, user } = await open([]);
    ipc.addWatchedFolder.mockImplementation(async (rules) => ({ ...exports, rules }));
    await user.click(button('Watch a folder…'));
    await user.click(button('Cancel'));
    expect(ipc.removeWatchedFolder).toHaveBeenCalledExactlyOnceWith(1);
    expect(ipc.changeWatchedFolder).not.toHaveBeenCalled();
    expect(await screen.findByText('No watched folders yet')).toBeTruthy();
  });

  it('says what is wrong with the rules, and keeps them on screen', async () => {
    const { ipc, user } = await open([exports]);
    ipc.changeWatchedFolder.mockRejectedValue('A pattern cannot be read: “[”.');
    await user.click(button('Rules Exports'));
    await user.click(button('Save rules'));
    expect(screen.getByText('A pattern cannot be read: “[”.')).toBeTruthy();
    expect(screen.getByRole('dialog')).toBeTruthy();
  });

  it('says why nothing can be watched', async () => {
    const ipc = quietCommands();
    ipc.watchedFolders.mockRejectedValue('The history could not be opened.');
    const app = new App(ipc);
    render(Window, { app });
    await app.start();
    await userEvent.setup().click(button(/^Watched folders/));
    expect(screen.getByText('The history could not be opened.')).toBeTruthy();
    expect(button('Watch a folder…')).toHaveProperty('disabled', true);
  });
});

describe('images from last time', () => {
  it('are offered again, or forgotten', async () => {
    const ipc = quietCommands();
    ipc.appState.mockResolvedValue({ ...STATE, left_over: 3 });
    ipc.resume.mockResolvedValue(3);
    const app = new App(ipc);
    render(Window, { app });
    await app.start();
    await tick();
    expect(screen.getByText('3 images from last time are still waiting.')).toBeTruthy();
    const user = userEvent.setup();
    ipc.resume.mockRejectedValueOnce('The database is locked.');
    await user.click(button('Go on'));
    expect(screen.getByText('The database is locked.')).toBeTruthy();
    expect(button('Forget')).toBeTruthy();
    await user.click(button('Forget'));
    expect(ipc.resume).toHaveBeenLastCalledWith(true);
    await vi.waitFor(() => expect(screen.queryByRole('button', { name: 'Go on' })).toBeNull());
    expect(screen.getByText(/^3 images were taken off the list/)).toBeTruthy();
  });
});
