import { clearMocks, mockConvertFileSrc, mockIPC } from '@tauri-apps/api/mocks';
import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AttemptState } from './lib/ipc/commands';
import type { Event, Settings } from './lib/ipc/types';
import { Pictures } from './lib/compare/pictures.svelte';
import { App } from './lib/state/app.svelte';
import { Comparison } from './lib/state/compare.svelte';
import { DEFAULTS } from './lib/state/settings.svelte';
import { COMPARED, entry, finished, queued, quietCommands, replaced, STATE } from './test/samples';
import Window from './Window.svelte';

beforeEach(() => {
  mockIPC(() => null, { shouldMockEvents: true });
  mockConvertFileSrc('linux');
});
afterEach(clearMocks);

const ATTEMPT: AttemptState = {
  version: 1,
  bytes: 250_000,
  smaller: true,
  score: 70.4,
  removed: ['GPS position'],
  tried: [
    { way: 'reduced', bytes: 290_000, score: 68, verdict: 'too_far' },
    { way: 'reduced', bytes: 300_000, score: 70.4, verdict: 'chosen' },
    { way: 'packed', bytes: 900_000, score: 100, verdict: 'too_large' },
  ],
  notes: ['Display P3 kept'],
};

async function open(settings: Partial<Settings>, ...events: Event[]) {
  const ipc = quietCommands();
  ipc.appState.mockResolvedValue({
    ...STATE,
    settings: { ...DEFAULTS, ...settings },
    jobs: events,
  });
  ipc.compareAttempt.mockResolvedValue(ATTEMPT);
  const app = new App(ipc);
  render(Window, { app });
  await app.start();
  await tick();
  return { app, ipc, user: userEvent.setup() };
}

const button = (name: string | RegExp) => screen.getByRole('button', { name });
const picture = (name: RegExp) =>
  screen.findByRole('img', { name: (is) => name.test(is.replaceAll('\u00a0', ' ')) });
const three = [queued([1, 2, 3]), finished(1), finished(2), finished(3)];

describe('Compare', () => {
  it('opens from a row by button, double click and key, and goes back', async () => {
    const { ipc, user } = await open({}, ...three);
    await user.click(button('Compare image-2.png'));
    expect(ipc.compareOpen).toHaveBeenLastCalledWith({ of: 'job', id: 2 });
    expect(screen.getByRole('heading', { name: 'image-2.png' })).toBeTruthy();
    expect(await picture(/^Original · 1.00 MB$/)).toBeTruthy();
    expect(await picture(/^Balanced · 400 KB · Score 86$/)).toBeTruthy();
    await user.keyboard('{Escape}');
    expect(ipc.compareClose).toHaveBeenLastCalledWith(COMPARED.session);
    await user.dblClick(screen.getByRole('row', { name: /image-1\.png/ }));
    expect(ipc.compareOpen).toHaveBeenLastCalledWith({ of: 'job', id: 1 });
    await user.click(button('Back to the list'));
    // The focus is where it was.
    await vi.waitFor(() =>
      expect(document.activeElement).toBe(screen.getByRole('row', { name: /image-1\.png/ })),
    );
    screen.getByRole('row', { name: /image-3\.png/ }).focus();
    await user.keyboard('c');
    expect(ipc.compareOpen).toHaveBeenLastCalledWith({ of: 'job', id: 3 });
    expect(ipc.revealJob).not.toHaveBeenCalled();
  });

  it('makes a new result when the level moves, once it rests', async () => {
    const { ipc, user } = await open({ mode: 'lossy', level: 85 }, ...three);
    await user.click(button('Compare image-1.png'));
    await picture(/Balanced/);
    expect(button('Use this')).toHaveProperty('disabled', true);
    await user.click(screen.getByRole('radio', { name: 'Lossy' }));
    expect(await picture(/^Level 85 · 250 KB · Score 70$/)).toBeTruthy();
    const level = screen.getByRole('slider', { name: 'Level' });
    level.focus();
    ipc.compareAttempt.mockClear();
    ipc.compareAttempt.mockResolvedValue({ ...ATTEMPT, version: 2, bytes: 200_000 });
    for (const value of ['80', '75', '70']) {
      (level as HTMLInputElement).value = value;
      level.dispatchEvent(new globalThis.Event('input', { bubbles: true }));
    }
    expect(await picture(/^Level 70 · encoding…$/)).toBeTruthy();
    expect(await picture(/^Level 70 · 200 KB · Score 70$/)).toBeTruthy();
    expect(ipc.compareAttempt).toHaveBeenCalledExactlyOnceWith(COMPARED.session, 'lossy', 70);
    await user.click(button('Use this'));
    expect(ipc.compareUse).toHaveBeenCalledExactlyOnceWith([1], 'lossy', 70);
    expect(screen.getByRole('grid', { name: 'Images' })).toBeTruthy();
  });

  it('keeps what is chosen while the picture is opened, and makes it then', async () => {
    const { app, ipc, user } = await open({}, ...three);
    let opened: (state: typeof COMPARED) => void = () => {};
    ipc.compareOpen.mockImplementation(() => new Promise((resolve) => (opened = resolve)));
    await user.click(button('Compare image-1.png'));
    await user.click(screen.getByRole('radio', { name: 'Lossy' }));
    await user.click(screen.getByRole('radio', { name: 'Balanced' }));
    await user.click(screen.getByRole('radio', { name: 'Lossless' }));
    opened(COMPARED);
    expect(await picture(/^Lossless · 250 KB/)).toBeTruthy();
    expect(ipc.compareAttempt).toHaveBeenCalledExactlyOnceWith(COMPARED.session, 'lossless', 85);
    expect(app.compared?.comparison.working).toBe(false);

    // And nothing, where the choice came back to what is there.
    await user.keyboard('{Escape}');
    ipc.compareAttempt.mockClear();
    await user.click(button('Compare image-1.png'));
    await user.click(screen.getByRole('radio', { name: 'Lossy' }));
    await user.click(screen.getByRole('radio', { name: 'Balanced' }));
    opened(COMPARED);
    await picture(/^Balanced · 400 KB/);
    expect(app.compared?.comparison.working).toBe(false);
    expect(ipc.compareAttempt).not.toHaveBeenCalled();
  });

  it('says when the pictures cannot be shown, and lets no animation stand still in silence', async () => {
    const load = vi.fn(() => Promise.reject(new Error('gone')));
    const comparison = new Comparison(quietCommands(), new Pictures(load));
    vi.useFakeTimers();
    const part = { left: 0, top: 0, width: 1, height: 1, toWidth: 1, toHeight: 1 };
    comparison.play(true);
    await comparison.show([{ side: 'original', address: 'a', part }]);
    expect(comparison.unseen).toBe(false);
    await vi.runAllTimersAsync();
    expect(load).toHaveBeenCalledTimes(2);
    expect(comparison.unseen).toBe(true);
    expect(comparison.playing).toBe(false);
    vi.useRealTimers();
  });

  it('shows the middle of a large picture first, and about how large the result will be', async () => {
    const { app, ipc, user } = await open({}, ...three);
    ipc.compareSample.mockResolvedValue({ version: 1, bytes: 20_000 });
    let done: (made: AttemptState | null) => void = () => {};
    await user.click(button('Compare image-1.png'));
    await picture(/Balanced/);
    app.compared?.comparison.measure({ width: 800, height: 600 }, 1);
    await user.click(screen.getByRole('radio', { name: 'Lossy' }));
    await picture(/^Level 85 · 250 KB/);
    const part = { left: 1744, top: 1308, width: 512, height: 384 };
    expect(ipc.compareSample).toHaveBeenCalledExactlyOnceWith(COMPARED.session, 'lossy', 85, part);

    ipc.compareSample.mockResolvedValue({ version: 2, bytes: 10_000 });
    ipc.compareAttempt.mockImplementation(() => new Promise((resolve) => (done = resolve)));
    const level = screen.getByRole('slider', { name: 'Level' });
    (level as HTMLInputElement).value = '50';
    level.dispatchEvent(new globalThis.Event('input', { bubbles: true }));
    // Half as many bytes as at the level before.
    expect(await picture(/^Level 50 · about 125 KB · encoding…$/)).toBeTruthy();
    const shown = () => app.compared?.comparison.wanted.map(({ address }) => address).join(' ');
    expect(shown()).toContain('/sample-2/0/1744,1308,512,384/512,384');
    done({ ...ATTEMPT, version: 2, bytes: 130_000 });
    expect(await picture(/^Level 50 · 130 KB · Score 70$/)).toBeTruthy();
    expect(shown()).not.toContain('sample');
    expect(ipc.compareStop).not.toHaveBeenCalled();
  });

  it('stops what is no longer wanted as soon as the level moves, before it asks for the next', async () => {
    const { ipc, user } = await open({ mode: 'lossy', level: 85 }, ...three);
    await user.click(button('Compare image-1.png'));
    await picture(/Balanced/);
    ipc.compareAttempt.mockImplementationOnce(() => new Promise(() => {}));
    await user.click(screen.getByRole('radio', { name: 'Lossy' }));
    await vi.waitFor(() => expect(ipc.compareAttempt).toHaveBeenCalledOnce());
    let stopped: () => void = () => {};
    ipc.compareStop.mockImplementation(() => new Promise((resolve) => (stopped = resolve)));
    const level = screen.getByRole('slider', { name: 'Level' });
    for (const value of ['80', '75']) {
      (level as HTMLInputElement).value = value;
      level.dispatchEvent(new globalThis.Event('input', { bubbles: true }));
    }
    expect(ipc.compareStop).toHaveBeenCalledExactlyOnceWith(COMPARED.session);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(ipc.compareAttempt).toHaveBeenCalledOnce();
    stopped();
    expect(await picture(/^Level 75 · 250 KB · Score 70$/)).toBeTruthy();
    expect(ipc.compareAttempt).toHaveBeenCalledTimes(2);
  });

  it('says why no result could be made, and that none is smaller', async () => {
    const { ipc, user } = await open({}, ...three);
    await user.click(button('Compare image-1.png'));
    await picture(/Balanced/);
    ipc.compareAttempt.mockRejectedValueOnce('The time limit ran out.');
    await user.click(screen.getByRole('radio', { name: 'Lossless' }));
    expect(await screen.findByText('The time limit ran out.')).toBeTruthy();
    expect(button('Use this')).toHaveProperty('disabled', true);
    ipc.compareAttempt.mockResolvedValueOnce({ ...ATTEMPT, smaller: false, bytes: 1_000_000 });
    await user.click(screen.getByRole('radio', { name: 'Lossy' }));
    expect(await picture(/^Level 85 · nothing smaller, original kept$/)).toBeTruthy();
  });

  it('gives its settings to all images', async () => {
    const { app, ipc, user } = await open({}, ...three);
    await user.click(button('Compare image-1.png'));
    await picture(/Balanced/);
    await user.click(screen.getByRole('radio', { name: 'Lossless' }));
    await picture(/^Lossless · 250 KB/);
    await user.click(button('Use for all'));
    await vi.waitFor(() => expect(ipc.retry).toHaveBeenCalledExactlyOnceWith([1, 2, 3]));
    expect(app.settings.value.mode).toBe('lossless');
  });

  it('keeps its own settings when those of the window change', async () => {
    const { app, user } = await open({}, ...three);
    await app.useFor(2, 'lossy', 40);
    const own = queued([2], 'own', 1_000_000, { by_settings: false });
    app.queue.apply([own, finished(2, { mode: 'lossy', level: 40 })]);
    await tick();
    expect(app.queue.totals.stale).toBe(0);
    await user.click(screen.getByRole('radio', { name: 'Lossless' }));
    expect(app.queue.staleIds()).toEqual([1, 3]);
    // Run again by hand, it follows them once more.
    app.queue.apply([queued([2], 'again'), finished(2, { mode: 'lossless' })]);
    await user.click(screen.getByRole('radio', { name: 'Balanced' }));
    expect(app.queue.staleIds()).toContain(2);
  });

  it('is looked through with the keyboard alone', async () => {
    const { app, ipc, user } = await open({}, ...three);
    await user.click(button('Compare image-2.png'));
    await picture(/Original/);
    const comparison = () => {
      if (!app.compared) throw new Error('nothing is compared');
      return app.compared.comparison;
    };
    const layout = () =>
      within(screen.getByRole('radiogroup', { name: 'View' }))
        .getAllByRole('radio')
        .find((radio) => radio.getAttribute('aria-checked') === 'true')
        ?.textContent?.trim();
    expect(layout()).toBe('Split');
    await user.keyboard('d');
    expect(layout()).toBe('Difference');
    await user.keyboard('d');
    expect(layout()).toBe('Split');
    await user.keyboard(' ');
    expect(layout()).toBe('Flip');
    expect(screen.getByRole('img', { name: /^Original/ })).toBeTruthy();
    await user.keyboard(' ');
    expect(screen.getByRole('img', { name: /^Balanced/ })).toBeTruthy();
    comparison().measure({ width: 800, height: 600 }, 1);
    await user.keyboard('z');
    expect(comparison().zoom).toBe(1);
    await user.keyboard('-');
    expect(comparison().zoom).toBeCloseTo(1 / 1.5);
    const { x } = comparison().camera;
    await user.keyboard('{Shift>}{ArrowRight}{/Shift}');
    expect(comparison().camera.x).toBeGreaterThan(x);
    await user.keyboard('0');
    expect(comparison().isFitted).toBe(true);
    await user.keyboard('i');
    expect(screen.getByRole('complementary', { name: 'Details' })).toBeTruthy();
    await user.keyboard('{ArrowRight}');
    expect(ipc.compareOpen).toHaveBeenLastCalledWith({ of: 'job', id: 3 });
    await user.keyboard('{ArrowLeft}{ArrowLeft}');
    expect(ipc.compareOpen).toHaveBeenLastCalledWith({ of: 'job', id: 1 });
  });

  it('moves the line between the two with keys', async () => {
    const { user } = await open({}, ...three);
    await user.click(button('Compare image-1.png'));
    const handle = await screen.findByRole('slider', { name: 'Where the result begins' });
    handle.focus();
    await user.keyboard('{ArrowRight}');
    expect(handle.getAttribute('aria-valuenow')).toBe('52');
    await user.keyboard('{Home}');
    expect(handle.getAttribute('aria-valuenow')).toBe('0');
  });

  it('tells what was removed and kept', async () => {
    const { user } = await open(
      {},
      queued([1]),
      finished(1, { removed: ['camera serial number'], notes: ['Adobe RGB kept'] }),
    );
    await user.click(button('Compare image-1.png'));
    await picture(/Original/);
    await user.click(button('Details'));
    const details = within(screen.getByRole('complementary', { name: 'Details' }));
    expect(details.getByText('camera serial number')).toBeTruthy();
    expect(details.getByText('Adobe RGB kept')).toBeTruthy();
    await user.click(screen.getByRole('radio', { name: 'Lossless' }));
    expect(await details.findByText('GPS position')).toBeTruthy();
    const tried = within(details.getByRole('list', { name: 'What was tried' }));
    const words = (element: Element) => element.textContent.replace(/[\s\u00a0]+/g, ' ').trim();
    expect(tried.getAllByRole('listitem').map(words)).toEqual([
      'Re-encoded 290 KB Score 68 · looks too different',
      'Re-encoded 300 KB Score 70 · chosen',
      'Packed better 900 KB Identical · not smaller enough',
    ]);
  });

  it('lays a derivative beside the resized original, and tries nothing', async () => {
    const derivative = {
      style: 'thumb',
      strategy: 'fit',
      width: 320,
      height: 200,
      output: '/o/image-1.thumb.png',
      bytes: 18_200,
      score: 87,
    } as const;
    const { ipc, user } = await open({}, queued([1]), finished(1, { derivatives: [derivative] }));
    ipc.compareOpen.mockResolvedValue({ ...COMPARED, input_bytes: null, output_bytes: 18_200 });
    await user.click(button('Compare image-1.png thumb'));
    expect(ipc.compareOpen).toHaveBeenLastCalledWith({ of: 'job', id: 1, child: 0 });
    expect(screen.getByRole('heading', { name: 'image-1.png · thumb' })).toBeTruthy();
    expect(await picture(/^Original, resized$/)).toBeTruthy();
    expect(await picture(/18\.2 KB · Score 87$/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Use this' })).toBeNull();
    expect(screen.queryByRole('radio', { name: 'Lossy' })).toBeNull();
  });

  it('puts a replaced original back', async () => {
    const { ipc, user } = await open({}, queued([1]), replaced(1));
    await user.click(button('Compare image-1.png'));
    await user.click(await screen.findByRole('button', { name: 'Keep original' }));
    expect(ipc.revert).toHaveBeenCalledExactlyOnceWith([101], false);
  });

  it('plays animations, and steps through them', async () => {
    const { ipc, user } = await open({}, queued([1]), finished(1, { format: 'gif', frames: 3 }));
    ipc.compareOpen.mockResolvedValue({ ...COMPARED, delays: [5, 5, 5] });
    await user.click(button('Compare image-1.png'));
    expect(await screen.findByText('Frame 1 of 3')).toBeTruthy();
    await user.click(button('Pause animation'));
    const frames = screen.getByRole('slider', { name: 'Frame' });
    (frames as HTMLInputElement).value = '2';
    frames.dispatchEvent(new globalThis.Event('input', { bubbles: true }));
    expect(await screen.findByText('Frame 3 of 3')).toBeTruthy();
    expect(button('Play')).toBeTruthy();
  });

  it('opens a line of the history, to be looked at only', async () => {
    const { ipc, user } = await open({});
    ipc.history.mockResolvedValue({ entries: [entry(9)], total: 1 });
    await user.click(button('History'));
    await user.click(await screen.findByRole('button', { name: 'Compare image-9.png' }));
    expect(ipc.compareOpen).toHaveBeenCalledExactlyOnceWith({ of: 'history', id: 9 });
    expect(await picture(/^Balanced · 400 KB · Score 86$/)).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Use this' })).toBeNull();
    await user.keyboard('{Escape}');
    expect(screen.getByRole('heading', { name: 'History' })).toBeTruthy();
  });

  it('says that a file was changed since it was measured, and shows no score of another', async () => {
    const { ipc, user } = await open({}, ...three);
    const changed = { original: false, result: true };
    ipc.compareOpen.mockResolvedValue({ ...COMPARED, changed });
    await user.click(button('Compare image-1.png'));
    const says = 'The result was changed since. What is compared is not what was measured.';
    expect(await screen.findByText(says)).toBeTruthy();
    expect(await picture(/^Balanced · 400 KB$/)).toBeTruthy();
    await user.click(button('Details'));
    expect(screen.queryByText('Why this file')).toBeNull();
    // What is made here is measured.
    await user.click(screen.getByRole('radio', { name: 'Lossless' }));
    await picture(/^Lossless · 250 KB/);
    expect(screen.queryByText(says)).toBeNull();
    expect(screen.getByText('Why this file')).toBeTruthy();
  });

  it('says why something cannot be compared', async () => {
    const { ipc, user } = await open({}, ...three);
    ipc.compareOpen.mockRejectedValue('There is no file /pictures/image-1.png.');
    await user.click(button('Compare image-1.png'));
    expect(await screen.findByText('There is no file /pictures/image-1.png.')).toBeTruthy();
  });
});
