import { clearMocks, mockConvertFileSrc, mockIPC } from '@tauri-apps/api/mocks';
import { fireEvent, render, screen } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Event, WatchedFolder } from './lib/ipc/types';
import { App } from './lib/state/app.svelte';
import { presetOf } from './lib/state/presets';
import { DEFAULTS } from './lib/state/settings.svelte';
import { rulesFrom } from './lib/watched/rules';
import { finished, queued, quietCommands, replaced, STATE } from './test/samples';
import Window from './Window.svelte';

beforeEach(() => {
  mockIPC(() => null, { shouldMockEvents: true });
  mockConvertFileSrc('linux');
});
afterEach(clearMocks);

const FOLDERS: WatchedFolder[] = ['exports', 'camera'].map((name, index) => ({
  id: index + 1,
  path: `/pictures/${name}`,
  rules: rulesFrom(DEFAULTS),
}));

async function open(...given: (Event | Pick<typeof STATE, 'left_over'>)[]) {
  const ipc = quietCommands();
  ipc.appState.mockResolvedValue({
    ...STATE,
    ...given.find((state) => 'left_over' in state),
    jobs: given.filter((event) => 'type' in event),
  });
  ipc.watchedFolders.mockResolvedValue(FOLDERS);
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
    expect(ipc.revealJob).toHaveBeenLastCalledWith(2, undefined);
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
    expect(ipc.revealJob).toHaveBeenLastCalledWith(1, undefined);
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

const button = (name: string | RegExp) => screen.getByRole('button', { name });
/** The named thing that has the focus, by its role. */
const at = () => {
  const element = document.activeElement;
  if (!element || element === document.body || !element.isConnected) return 'nothing';
  return element.getAttribute('role') ?? element.tagName.toLowerCase();
};

describe('what opened a dialog has the focus again', () => {
  it('when the dialog is done with', async () => {
    const { user } = await open();
    const opener = button('Resize…');
    await user.click(opener);
    await user.click(button('Done'));
    expect(document.activeElement).toBe(opener);
    await user.click(opener);
    await user.click(button('Close'));
    expect(document.activeElement).toBe(opener);
  });

  it('when the rules of a folder are saved, and when they are not', async () => {
    const { app, user } = await open();
    app.go('watched');
    await tick();
    for (const press of ['Save rules', 'Cancel']) {
      const opener = button('Rules exports');
      await user.click(opener);
      await user.click(button(press));
      await vi.waitFor(() => expect(document.activeElement).toBe(opener));
    }
  });

  it('when what was fetched by its address has come', async () => {
    const { user } = await open(queued([1]));
    row(/image-1/).focus();
    await user.keyboard('{Control>}u{/Control}');
    await user.type(screen.getByRole('textbox'), 'http://a/b.png{Enter}');
    await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(focused()).toBe('image-1.png');
  });
});

describe('the focus stays close when a button goes', () => {
  it('in a row', async () => {
    const { app, user } = await open(
      queued([1, 2, 3]),
      finished(1, { outcome: 'failed', output_bytes: null, message: 'No.' }),
      replaced(2),
    );
    const gone = async (press: string, ...events: Event[]) => {
      await user.click(button(press));
      app.queue.apply(events);
      await tick();
      return [at(), focused()];
    };
    expect(await gone('Retry image-1.png', queued([1]))).toEqual(['row', 'image-1.png']);
    const reverted: Event = { type: 'reverted', history: 102 };
    expect(await gone('Revert image-2.png', reverted)).toEqual(['row', 'image-2.png']);
    const cancelled = finished(3, { outcome: 'cancelled', output_bytes: null });
    expect(await gone('Cancel image-3.png', cancelled)).toEqual(['row', 'image-3.png']);
  });

  it('in the footer, and then the list itself', async () => {
    const { app, user } = await open(queued([1]));
    button('Cancel').focus();
    app.queue.apply([finished(1, { outcome: 'cancelled', output_bytes: null })]);
    await tick();
    expect(at()).toBe('footer');
    await user.tab();
    expect(document.activeElement).toBe(button('Clear list'));
    await user.keyboard('{Enter}');
    await vi.waitFor(() => expect(at()).toBe('main'));
  });

  it('in what an interrupted run left', async () => {
    const { ipc, user } = await open({ left_over: 2 });
    ipc.resume.mockResolvedValue(2);
    await user.click(button('Forget'));
    await vi.waitFor(() => expect(at()).toBe('main'));
  });

  it('in the presets, which Escape still closes', async () => {
    const { app, user } = await open();
    app.settings.change({ presets: [presetOf(DEFAULTS, 'Web'), presetOf(DEFAULTS, 'Print')] });
    await tick();
    await user.click(button(/^Presets/));
    await user.click(button('Delete Web'));
    await vi.waitFor(() => expect(focused()).toBe('Presets'));
    expect(at()).toBe('dialog');
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(document.activeElement).toBe(button(/^Presets/));
  });

  it('on a button that has become disabled, which then does nothing', async () => {
    const { app, user } = await open();
    await user.click(button(/^Presets/));
    await user.type(screen.getByRole('textbox', { name: 'Current settings' }), 'Web');
    await user.tab();
    await user.keyboard('{Enter}');
    const save = button('Save preset');
    expect(app.settings.value.presets).toHaveLength(1);
    expect(document.activeElement).toBe(save);
    expect(save).toHaveProperty('disabled', false);
    expect(save.getAttribute('aria-disabled')).toBe('true');
    await user.keyboard('{Enter}');
    expect(app.settings.value.presets).toHaveLength(1);
    await user.tab();
    expect(save).toHaveProperty('disabled', true);
  });

  it('in the watched folders', async () => {
    const { app, user } = await open();
    app.go('watched');
    await tick();
    await user.click(button('Stop watching exports'));
    await vi.waitFor(() => expect(at()).toBe('ul'));
    await user.click(button('Stop watching camera'));
    await vi.waitFor(() => expect(at()).toBe('main'));
  });
});

it('a dialog is closed by a press beside it, and by none within, such as on its scrollbar', async () => {
  const { user } = await open();
  await user.click(button('Resize…'));
  const dialog = screen.getByRole('dialog');
  vi.spyOn(dialog, 'getBoundingClientRect').mockReturnValue(new DOMRect(100, 100, 520, 400));
  await fireEvent.pointerDown(dialog, { clientX: 615, clientY: 300 });
  expect(screen.queryByRole('dialog')).toBe(dialog);
  await fireEvent.pointerDown(dialog, { clientX: 700, clientY: 300 });
  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
});
