import { clearMocks, mockConvertFileSrc, mockIPC } from '@tauri-apps/api/mocks';
import { render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from './lib/ipc/types';
import { App } from './lib/state/app.svelte';
import { finished, queued, quietCommands, STATE } from './test/samples';
import Window from './Window.svelte';

beforeEach(() => {
  mockIPC(() => null, { shouldMockEvents: true });
  mockConvertFileSrc('linux');
});
afterEach(clearMocks);

async function open(...jobs: Event[]) {
  const ipc = quietCommands();
  ipc.appState.mockResolvedValue({ ...STATE, jobs });
  const app = new App(ipc);
  render(Window, { app });
  await app.start();
  await tick();
  return { app, ipc, user: userEvent.setup() };
}

const row = (name: RegExp) => screen.getByRole('row', { name });
/** What has the focus, in words. */
const focused = () => {
  const at = document.activeElement;
  if (!at || at === document.body || !at.isConnected) return 'nothing';
  return at.getAttribute('aria-label') ?? /image-\d+\.png/.exec(at.textContent)?.[0] ?? at.tagName;
};

const thumb = {
  style: 'thumb',
  strategy: 'fit',
  width: 10,
  height: 5,
  output: '/pictures/image.thumb.png',
  bytes: 9,
  score: 90,
} as const;

describe('the active row', () => {
  it('stays itself when other rows come before it', async () => {
    const { app, ipc, user } = await open(queued([1, 2, 3]));
    row(/image-2/).focus();
    app.queue.apply([finished(1, { derivatives: [thumb, { ...thumb, style: 'hero' }] })]);
    await tick();
    expect(focused()).toBe('image-2.png');
    await user.keyboard('{Enter}');
    expect(ipc.revealJob).toHaveBeenLastCalledWith(2);
    await user.keyboard('{ArrowDown}');
    expect(focused()).toBe('image-3.png');
    await user.keyboard('{Delete}');
    expect(ipc.forget).toHaveBeenCalledExactlyOnceWith([3]);
  });

  it('stays itself, and keeps the focus, when the rows are sorted', async () => {
    const { app, ipc, user } = await open(
      queued([1, 2, 3]),
      finished(1, { score: 80 }),
      finished(2, { score: 90 }),
      finished(3, { score: 85 }),
    );
    row(/image-1/).focus();
    app.queue.sortBy('quality');
    await tick();
    expect(app.queue.lines.map(({ job }) => job)).toEqual([2, 3, 1]);
    expect(focused()).toBe('image-1.png');
    await user.keyboard('{Enter}');
    expect(ipc.revealJob).toHaveBeenLastCalledWith(1);
    await user.keyboard('{ArrowUp}');
    expect(focused()).toBe('image-3.png');
  });

  it('hands over to the next row when it is removed, else to the one before', async () => {
    const { app, user } = await open(queued([1, 2, 3, 4, 5]));
    app.queue.select([1, 3]);
    row(/image-3/).focus();
    await user.keyboard('{Delete}');
    expect(focused()).toBe('image-4.png');
    await user.keyboard('{ArrowDown}');
    await user.keyboard('{Delete}');
    expect(focused()).toBe('image-4.png');
    app.queue.select([]);
    await user.click(screen.getByRole('button', { name: 'Remove image-4.png' }));
    expect(focused()).toBe('image-2.png');
  });

  it('is left alone while the focus is elsewhere', async () => {
    const { app } = await open(queued([1, 2]));
    row(/image-2/).focus();
    const add = screen.getByRole('button', { name: 'Add images…' });
    add.focus();
    await app.queue.remove([2]);
    await tick();
    expect(document.activeElement).toBe(add);
    expect(row(/image-1/).tabIndex).toBe(0);
  });
});

it('rows that are not neighbours are selected by keyboard', async () => {
  const { app, user } = await open(queued([1, 2, 3, 4]));
  row(/image-1/).focus();
  await user.keyboard(' ');
  await user.keyboard('{Control>}{ArrowDown}{ArrowDown}{/Control}');
  expect(focused()).toBe('image-3.png');
  expect([...app.queue.selected]).toEqual([1]);
  await user.keyboard('{Control>} {/Control}');
  expect([...app.queue.selected]).toEqual([1, 3]);
  await user.keyboard('{Control>}{End}{/Control}');
  await user.keyboard(' ');
  expect([...app.queue.selected]).toEqual([1, 3, 4]);
  await user.keyboard(' ');
  expect([...app.queue.selected]).toEqual([1, 3]);
  await user.keyboard('{ArrowUp}');
  expect([...app.queue.selected]).toEqual([3]);
});
