import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockConvertFileSrc, mockIPC } from '@tauri-apps/api/mocks';
import { fireEvent, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Event } from './lib/ipc/types';
import { App } from './lib/state/app.svelte';
import { appeared, finished, queued, quietCommands, STATE } from './test/samples';
import Window from './Window.svelte';

beforeEach(() => {
  mockIPC(() => null, { shouldMockEvents: true });
  mockConvertFileSrc('linux');
});
afterEach(clearMocks);

async function open(state: Partial<typeof STATE>, ...jobs: Event[]) {
  const ipc = quietCommands();
  ipc.appState.mockResolvedValue({ ...STATE, ...state, jobs });
  const app = new App(ipc);
  render(Window, { app });
  await app.start();
  await tick();
  return { app, ipc, user: userEvent.setup() };
}

const button = (name: string) => screen.getByRole('button', { name });
const row = (name: RegExp) => screen.getByRole('row', { name });
const text = (element: Element) => element.textContent.replace(/\s+/g, ' ').trim();

it('one image that waits is paused, and goes on', async () => {
  const { app, ipc, user } = await open({}, queued([1, 2]), { type: 'started', job: 1 });
  expect(screen.queryByRole('button', { name: 'Pause image-1.png' })).toBeNull();
  await user.click(button('Pause image-2.png'));
  expect(ipc.hold).toHaveBeenLastCalledWith([2], true);
  expect(text(row(/image-2/))).toContain('PNG · paused');
  await user.click(button('Resume image-2.png'));
  expect(ipc.hold).toHaveBeenLastCalledWith([2], false);
  expect(text(row(/image-2/))).toContain('PNG · waiting');
  ipc.hold.mockRejectedValueOnce('no');
  await user.click(button('Pause image-2.png'));
  expect(text(row(/image-2/))).toContain('waiting');
  expect(app.queue.totals.active).toBe(2);
});

it('a page that opens late knows which images are held', async () => {
  await open({ held: [2] }, queued([1, 2]));
  expect(text(row(/image-1/))).toContain('waiting');
  expect(text(row(/image-2/))).toContain('paused');
});

it('results are dragged out, with the other selected ones', async () => {
  const { app, ipc } = await open({}, queued([1, 2, 3]), finished(1), finished(2));
  await fireEvent.dragStart(row(/image-2/));
  expect(ipc.dragOut).toHaveBeenLastCalledWith([2], undefined);
  app.queue.select([1, 2, 3]);
  await fireEvent.dragStart(row(/image-2/));
  expect(ipc.dragOut).toHaveBeenLastCalledWith([1, 2], undefined);
  app.queue.select([3]);
  await fireEvent.dragStart(row(/image-3/));
  expect(ipc.dragOut).toHaveBeenCalledTimes(2);
  ipc.dragOut.mockRejectedValueOnce('The files are no longer there.');
  await fireEvent.dragStart(row(/image-1/));
  expect(await screen.findByText('The files are no longer there.')).toBeTruthy();
});

it('a derivative is revealed, opened, copied and dragged out itself', async () => {
  const derivative = {
    strategy: 'fit',
    width: 10,
    height: 5,
    bytes: 9,
    score: 90,
  } as const;
  const { ipc, user } = await open(
    {},
    queued([1]),
    finished(1, {
      derivatives: [
        { ...derivative, style: 'thumb', output: '/pictures/image-1.thumb.png' },
        { ...derivative, style: 'hero', output: '/pictures/image-1.hero.png' },
      ],
    }),
  );
  row(/hero/).focus();
  await user.keyboard('{Enter}');
  expect(ipc.revealJob).toHaveBeenLastCalledWith(1, 1);
  await fireEvent.dragStart(row(/hero/));
  expect(ipc.dragOut).toHaveBeenLastCalledWith([1], 1);
  await fireEvent.dragStart(row(/thumb/));
  expect(ipc.dragOut).toHaveBeenLastCalledWith([1], 0);

  const choose = async (name: string) => {
    await user.pointer({ target: row(/thumb/), keys: '[MouseRight]' });
    await user.click(screen.getByRole('menuitem', { name }));
  };
  await user.pointer({ target: row(/thumb/), keys: '[MouseRight]' });
  expect(screen.getAllByRole('menuitem').map((item) => item.firstChild?.textContent)).toEqual([
    'Compare',
    'Reveal',
    'Open',
    'Copy file',
    'Copy as data URL',
  ]);
  await user.keyboard('{Escape}');
  await choose('Reveal');
  expect(ipc.revealJob).toHaveBeenLastCalledWith(1, 0);
  await choose('Open');
  expect(ipc.openJob).toHaveBeenLastCalledWith(1, 0);
  await choose('Copy file');
  expect(ipc.copyFiles).toHaveBeenLastCalledWith([1], 0);
  await choose('Copy as data URL');
  expect(ipc.copyDataUrl).toHaveBeenLastCalledWith(1, 0);
});

it('the end of a batch that somebody waits for is told, and no other', async () => {
  const { ipc } = await open({}, queued([1], 'mine'), appeared([2], 'watched'));
  await emit('whittle:events', [
    { type: 'expanded', batch: 'mine', jobs: 1 },
    finished(2),
    { type: 'batch_finished', batch: 'watched' },
  ]);
  expect(ipc.notify).not.toHaveBeenCalled();
  await emit('whittle:events', [finished(1), { type: 'batch_finished', batch: 'mine' }]);
  expect(ipc.notify).toHaveBeenCalledExactlyOnceWith(
    'Your images are ready',
    '600 KB saved · 60.0 % smaller'.replaceAll(/(\d) /g, '$1\u00a0'),
  );
});

it('follows the tray when it pauses', async () => {
  await open({}, queued([1]));
  await emit('whittle:paused', true);
  await tick();
  expect(button('Resume')).toBeTruthy();
  await emit('whittle:paused', false);
  await tick();
  expect(button('Pause')).toBeTruthy();
});

it('offers sample images to whoever comes first', async () => {
  const { ipc, user } = await open({ images: 0 });
  ipc.samples.mockRejectedValueOnce('The samples could not be written: no space.');
  await user.click(button('Try it on sample images'));
  expect(screen.getByText('The samples could not be written: no space.')).toBeTruthy();
  await user.click(button('Try it on sample images'));
  expect(ipc.samples).toHaveBeenCalledTimes(2);
});

it('offers none to whoever knows it', async () => {
  await open({ images: 7 });
  expect(screen.queryByRole('button', { name: 'Try it on sample images' })).toBeNull();
});

it('columns are hidden and shown again, by keyboard too, and that is remembered', async () => {
  const { app, ipc, user } = await open(
    {},
    queued([1, 2]),
    finished(1),
    finished(2, { outcome: 'failed', output_bytes: null, message: 'No.' }),
  );
  const heads = () =>
    screen
      .getAllByRole('columnheader')
      .map(text)
      .filter((name) => name !== '');
  const cells = () => row(/image-1/).querySelectorAll('[role=gridcell]').length;
  expect(heads()).toEqual(['Thumbnail', 'Name', 'Original', 'Optimized', 'Saved', 'Quality']);
  expect(cells()).toBe(7);
  app.queue.sortBy('optimized');

  button('Columns').focus();
  await user.keyboard('{Enter}');
  const items = () => screen.getAllByRole('menuitemcheckbox');
  expect(items().map(text)).toEqual(['Original', 'Optimized', 'Saved', 'Quality']);
  expect(document.activeElement).toBe(items()[0]);
  // It stays open, for more than one.
  await user.keyboard('{ArrowDown}{Enter}{ArrowDown}{ArrowDown}{Enter}');
  expect(items().map((item) => item.getAttribute('aria-checked'))).toEqual([
    'true',
    'false',
    'true',
    'false',
  ]);
  await user.keyboard('{Escape}');
  expect(document.activeElement).toBe(button('Columns'));
  expect(heads()).toEqual(['Thumbnail', 'Name', 'Original', 'Saved']);
  expect(cells()).toBe(5);
  expect(ipc.changeSettings).toHaveBeenLastCalledWith({ hidden_columns: ['optimized', 'quality'] });
  // What one cannot see, the rows are not sorted by.
  expect(app.queue.sort).toBeNull();
  // Its Retry was in a column that is not there now.
  await user.click(button('Retry image-2.png'));
  expect(ipc.retry).toHaveBeenLastCalledWith([2]);

  await fireEvent.contextMenu(screen.getByRole('columnheader', { name: 'Name' }));
  await user.click(items()[1] ?? document.body);
  await user.click(document.body);
  expect(heads()).toEqual(['Thumbnail', 'Name', 'Original', 'Optimized', 'Saved']);
  expect(screen.queryByRole('menu')).toBeNull();
});
