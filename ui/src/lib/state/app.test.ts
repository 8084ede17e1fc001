import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockIPC } from '@tauri-apps/api/mocks';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AppState } from '../ipc/commands';
import type { Event } from '../ipc/types';
import {
  appeared,
  ended,
  finished,
  queued,
  quietCommands,
  replaced,
  STATE,
} from '../../test/samples';
import { App } from './app.svelte';
import { DEFAULTS } from './settings.svelte';

beforeEach(() => mockIPC(() => null, { shouldMockEvents: true }));
afterEach(clearMocks);

const tell = (...events: Event[]) => emit('whittle:events', events);

it('catches up with what happened before the window opened', async () => {
  const ipc = quietCommands();
  const app = new App(ipc);
  let open: (state: AppState) => void = () => {};
  ipc.appState.mockImplementation(() => new Promise((resolve) => (open = resolve)));
  const started = app.start();
  // While the state is on its way, more happens; some of it is in the state already.
  await new Promise((resolve) => setTimeout(resolve));
  await tell(finished(1), { type: 'started', job: 2 });
  open({ ...STATE, jobs: [queued([1, 2]), { type: 'started', job: 1 }, finished(1)] });
  await started;
  expect(app.queue.row(1)?.status).toBe('optimized');
  expect(app.queue.row(2)?.status).toBe('working');
  await tell(finished(2));
  expect(app.queue.totals).toMatchObject({ optimized: 2, active: 0 });
});

it('opens as paused as the queue is, with what was put back', async () => {
  const ipc = quietCommands();
  const app = new App(ipc);
  const jobs: Event[] = [queued([1]), replaced(1), { type: 'reverted', history: 101 }];
  ipc.appState.mockResolvedValue({ ...STATE, jobs, paused: true, left_over: 3 });
  await app.start();
  expect(app.queue.paused).toBe(true);
  expect(app.queue.row(1)?.reverted).toBe(true);
  expect(app.leftOver).toBe(3);
});

it('shows what hovers over the window, and goes to Optimize after a drop', async () => {
  const app = new App(quietCommands());
  await app.start();
  app.go('history');
  await emit('whittle:drag', { state: 'over', images: 24, skipped: 3, bytes: 9, more: false });
  expect(app.drag).toMatchObject({ images: 24, skipped: 3 });
  await emit('whittle:drag', { state: 'left' });
  expect(app.drag).toBeNull();
  expect(app.section).toBe('history');
  await emit('whittle:drag', { state: 'dropped' });
  expect(app.section).toBe('optimize');
});

it('waits for the settings to be saved before it starts work with them', async () => {
  const ipc = quietCommands();
  const app = new App(ipc);
  await app.start();
  await tell(queued([1]), finished(1));
  const order: string[] = [];
  ipc.changeSettings.mockImplementation(async (changes) => {
    await new Promise((resolve) => setTimeout(resolve));
    order.push('saved');
    return { ...DEFAULTS, ...changes };
  });
  ipc.retry.mockImplementation(async () => void order.push('retried'));
  app.settings.change({ mode: 'lossy' });
  expect(app.queue.totals.stale).toBe(1);
  await app.runAgain(app.queue.staleIds());
  expect(order).toEqual(['saved', 'retried']);
});

it('says what was left out, and why', async () => {
  const app = new App(quietCommands());
  await app.start();
  const paths = ['/a/notes.txt', '/a/brief.pdf', '/a/clip.mov'];
  await tell(
    { type: 'passed', batch: 'b1', count: 5, paths, reason: 'they are no images.' },
    { type: 'expanded', batch: 'b1', jobs: 0 },
  );
  expect(app.notices.list.map(({ text, detail }) => [text, detail])).toEqual([
    ['5 files skipped: they are no images.', 'notes.txt, brief.pdf, clip.mov and 2 more'],
  ]);
});

it('says that a folder has no images', async () => {
  const app = new App(quietCommands());
  await app.start();
  await tell({ type: 'expanded', batch: 'b1', jobs: 0 });
  expect(app.notices.list[0]?.text).toMatch(/^No JPEG, PNG, GIF or SVG images/);
});

it('tells of a command that failed', async () => {
  const ipc = quietCommands();
  const app = new App(ipc);
  ipc.chooseImages.mockRejectedValue('The file picker could not be opened.');
  await app.chooseImages();
  expect(app.notices.list).toMatchObject([
    { kind: 'error', text: 'The file picker could not be opened.' },
  ]);
});

it('marks history and dashboard as out of date when an image has ended or was put back', async () => {
  const ipc = quietCommands();
  const app = new App(ipc);
  await app.start();
  await app.history.reload();
  await tell(queued([1]));
  expect(app.history.isStale).toBe(false);
  await tell(replaced(1));
  expect(app.history.isStale).toBe(true);
  await app.history.reload();
  await tell({ type: 'reverted', history: 101 });
  expect(app.history.isStale).toBe(true);
  expect(app.dashboard.isStale).toBe(true);
});

it('puts the last originals back, and says how many', async () => {
  const ipc = quietCommands();
  const app = new App(ipc);
  await app.start();
  await app.revert();
  expect(app.notices.list.at(-1)?.text).toBe('There is nothing to revert.');
  await tell(queued([1, 2]), replaced(1), replaced(2), ended());
  await app.revert();
  expect(ipc.revert).toHaveBeenCalledExactlyOnceWith([101, 102], false);
  expect(app.notices.list.at(-1)?.text).toBe('2 originals were put back.');
  const refused = [101, 102].map((history) => ({
    history,
    edited: false,
    reason: `Bad ${history}.`,
  }));
  ipc.revert.mockResolvedValueOnce({ count: 1, refused });
  await app.revert();
  expect(app.notices.list.at(-1)).toMatchObject({
    kind: 'error',
    text: '1 of 3 originals were put back.',
    detail: 'image-1.png: Bad 101. 1 more could not be put back.',
  });
  ipc.revert.mockResolvedValueOnce({ count: 0, refused: refused.slice(0, 1) });
  await app.revert();
  expect(app.notices.list.at(-1)?.text).toBe('Bad 101.');
});

it('announces the end of a batch to those who listen', async () => {
  const app = new App(quietCommands());
  await app.start();
  await tell(queued([1]), finished(1), { type: 'batch_finished', batch: 'b1' });
  expect(app.announcement.replaceAll('\u00a0', ' ')).toBe('Finished. 600 KB saved, 60.0 % smaller');
});

it('tells of each batch of the user alone, and of nothing that a watched folder brings', async () => {
  const ipc = quietCommands();
  const app = new App(ipc);
  const jobs = [queued([8], 'b0'), finished(8), ended('b0')];
  ipc.appState.mockResolvedValue({ ...STATE, jobs });
  await app.start();
  const expanded = (batch: string): Event => ({ type: 'expanded', batch, jobs: 1 });
  await tell(appeared([1], 'w1'), expanded('w1'), finished(1), ended('w1'));
  expect(ipc.notify).not.toHaveBeenCalled();
  expect(app.announcement).toBe('');
  await tell(queued([2]), expanded('b1'), finished(2, { output_bytes: 900_000 }), ended('b1'));
  const body = () => ipc.notify.mock.lastCall?.[1].replaceAll('\u00a0', ' ');
  expect(body()).toBe('100 KB saved · 10.0 % smaller');
  // Run again, and with a choice of its own.
  await tell(queued([2], 'again'), expanded('again'), finished(2), ended('again'));
  expect(body()).toBe('600 KB saved · 60.0 % smaller');
  expect(ipc.notify).toHaveBeenCalledTimes(2);
  await tell(queued([1], 'own', 9, { origin: 'watch', by_settings: false }), finished(1));
  await tell(ended('own'));
  expect(ipc.notify).toHaveBeenCalledTimes(3);
});

it('gives every image but those of watched folders the settings that were chosen for all', async () => {
  const ipc = quietCommands();
  const app = new App(ipc);
  await app.start();
  await tell(appeared([1]), queued([2, 3]), finished(1), finished(2), finished(3));
  await app.useForAll(1, 'lossy', 60);
  expect(ipc.compareUse).toHaveBeenCalledExactlyOnceWith([1], 'lossy', 60);
  expect(ipc.retry).toHaveBeenCalledExactlyOnceWith([2, 3]);
});

it('asks before it puts an original back over a change', async () => {
  const ipc = quietCommands();
  const app = new App(ipc);
  await app.start();
  await tell(queued([1, 2]), replaced(1), replaced(2), ended());
  const refused = [{ history: 102, edited: true, reason: 'It was changed.' }];
  ipc.revert.mockResolvedValueOnce({ count: 1, refused });
  let done = app.revert();
  await vi.waitFor(() => expect(app.question?.names).toEqual(['image-2.png']));
  app.question?.answer(false);
  await done;
  expect(ipc.revert).toHaveBeenCalledTimes(1);
  expect(app.notices.list.map(({ text }) => text)).toEqual(['1 original was put back.']);
  ipc.revert.mockResolvedValueOnce({ count: 1, refused });
  done = app.revert();
  await vi.waitFor(() => expect(app.question).not.toBeNull());
  app.question?.answer(true);
  await done;
  expect(ipc.revert).toHaveBeenLastCalledWith([102], true);
  expect(app.question).toBeNull();
  expect(app.notices.list.at(-1)?.text).toBe('2 originals were put back.');
});
