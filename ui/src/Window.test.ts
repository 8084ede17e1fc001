import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockConvertFileSrc, mockIPC } from '@tauri-apps/api/mocks';
import { fireEvent, render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fakeDashboard } from './dev/fake-history';
import type { Event, Placement, Settings } from './lib/ipc/types';
import { App } from './lib/state/app.svelte';
import { DEFAULTS } from './lib/state/settings.svelte';
import { entry, finished, queued, quietCommands, replaced, STATE } from './test/samples';
import Window from './Window.svelte';

beforeEach(() => {
  mockIPC((command) => (command === 'backups' ? { count: 2, bytes: 3_000_000, dir: '/b' } : null), {
    shouldMockEvents: true,
  });
  mockConvertFileSrc('linux');
});
afterEach(clearMocks);

async function open(settings: Partial<Settings> = {}, ...events: Event[]) {
  const ipc = quietCommands();
  ipc.appState.mockResolvedValue({
    ...STATE,
    images: 18_204,
    saved_bytes: 9_610_000_000,
    settings: { ...DEFAULTS, ...settings },
    jobs: events,
  });
  const app = new App(ipc);
  render(Window, { app });
  await app.start();
  await tick();
  return { app, ipc, user: userEvent.setup() };
}

const button = (name: string | RegExp) => screen.getByRole('button', { name });
const text = (element: Element) => element.textContent.replace(/\s+/g, ' ').trim();
const row = (name: RegExp) => screen.getByRole('row', { name });

describe('Optimize without images', () => {
  it('offers every way to bring images, and says what happens to originals', async () => {
    const { ipc, user } = await open();
    expect(screen.getByRole('heading', { name: 'Drop images or folders here' })).toBeTruthy();
    expect(screen.getByText(/the originals stay as they are/)).toBeTruthy();
    expect(text(screen.getByText(/so far/))).toBe('18,204 images · 9.61 GB saved so far');
    await user.click(button('Choose images…'));
    await user.click(button('Choose folder…'));
    await user.click(button('Paste'));
    expect(ipc.chooseImages).toHaveBeenCalledOnce();
    expect(ipc.chooseFolder).toHaveBeenCalledOnce();
    expect(ipc.paste).toHaveBeenCalledOnce();
    expect(screen.getByText('There are no image files on the clipboard.')).toBeTruthy();
  });

  it('fetches what is named by its address, and says what could not be fetched', async () => {
    const { ipc, user } = await open();
    ipc.fetchImage.mockRejectedValueOnce('The server cannot be reached.');
    await user.click(button('From URL…'));
    const dialog = within(screen.getByRole('dialog', { name: 'From URL' }));
    await user.type(dialog.getByRole('textbox', { name: 'Image addresses' }), 'http://a/b.png');
    await user.keyboard('{Enter}');
    expect(text(await dialog.findByRole('alert'))).toBe(
      'http://a/b.pngThe server cannot be reached.',
    );
    await user.click(dialog.getByRole('button', { name: 'Fetch' }));
    const fetched = ipc.fetchImage.mock.calls.map(([address]) => address);
    expect(fetched).toEqual(['http://a/b.png', 'http://a/b.png']);
    await vi.waitFor(() => expect(screen.queryByRole('dialog', { name: 'From URL' })).toBeNull());
    await user.keyboard('{Control>}u{/Control}');
    expect(screen.getByRole('dialog', { name: 'From URL' })).toBeTruthy();
  });

  it('says when originals will be replaced', async () => {
    await open({ output: { kind: 'in_place' } });
    expect(screen.getByText(/Originals are replaced; a copy of each is kept/)).toBeTruthy();
    expect(button('Output: replace')).toBeTruthy();
  });

  it('lights up under a drag', async () => {
    await open();
    await emit('whittle:drag', { state: 'over', images: 24, skipped: 1, bytes: 9, more: false });
    await tick();
    expect(screen.getByRole('heading', { name: 'Drop to optimize 24 images' })).toBeTruthy();
    expect(screen.getByText('1 other file will be skipped')).toBeTruthy();
    await emit('whittle:drag', { state: 'left' });
    await tick();
    expect(screen.queryByRole('heading', { name: /Drop to optimize/ })).toBeNull();
  });
});

describe('Optimize with images', () => {
  it('shows a row for each with before and after', async () => {
    await open({}, queued([1, 2]), finished(1, { width: 400, height: 300, notes: ['alpha'] }));
    expect(screen.getByRole('grid', { name: 'Images' }).getAttribute('aria-rowcount')).toBe('3');
    const cells = within(row(/image-1\.png/))
      .getAllByRole('gridcell')
      .map(text);
    expect(cells.slice(1, 6)).toEqual([
      'image-1.png PNG · 400×300 · alpha',
      '1.00 MB',
      '400 KB',
      '−60.0 %',
      'Score 86',
    ]);
    expect(text(row(/image-2\.png/))).toMatch(/PNG · waiting/);
    expect(text(screen.getByRole('group', { name: 'Summary' }))).toBe(
      '600 KB saved 60.0 % smaller · 1 of 2',
    );
  });

  it('shows the progress of each and of all; pauses, goes on and cancels', async () => {
    const { ipc, user } = await open({}, queued([1]), { type: 'progress', job: 1, done: 0.25 });
    const bars = ['Progress of image-1.png', 'Overall progress'].map((name) =>
      screen.getByRole('progressbar', { name }).getAttribute('aria-valuenow'),
    );
    expect(bars).toEqual(['25', '25']);
    await user.click(button('Pause'));
    expect(ipc.setPaused).toHaveBeenLastCalledWith(true);
    await user.click(button('Resume'));
    expect(ipc.setPaused).toHaveBeenLastCalledWith(false);
    await user.click(button('Cancel'));
    expect(ipc.cancel).toHaveBeenCalledExactlyOnceWith([]);
  });

  it('gives the reason of a failure, with another try', async () => {
    const { ipc, user } = await open(
      {},
      queued([1, 2]),
      finished(1, { outcome: 'failed', output_bytes: null, message: 'The file is empty.' }),
      finished(2),
    );
    expect(text(row(/image-1\.png/))).toContain('The file is empty. Original untouched.');
    await user.click(button('Retry image-1.png'));
    expect(ipc.retry).toHaveBeenCalledExactlyOnceWith([1]);
  });

  it('tries all that failed again, once nothing is worked on', async () => {
    const failed = { outcome: 'failed', output_bytes: null, message: 'No.' } as const;
    const { app, ipc, user } = await open(
      {},
      queued([1, 2, 3, 4]),
      finished(1, failed),
      finished(2),
      finished(3, failed),
    );
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
    app.queue.apply([finished(4, { outcome: 'cancelled', output_bytes: null })]);
    await tick();
    await user.click(button('Try again'));
    expect(ipc.retry).toHaveBeenCalledExactlyOnceWith([1, 3]);
    app.queue.apply([queued([1, 3]), finished(1), finished(3)]);
    await tick();
    expect(screen.queryByRole('button', { name: 'Try again' })).toBeNull();
  });

  it('marks results as stale when the mode changes, and runs them again', async () => {
    const { ipc, user } = await open({}, queued([1, 2]), finished(1), finished(2));
    expect(screen.queryByText(/other settings/)).toBeNull();
    await user.click(screen.getByRole('radio', { name: 'Lossless' }));
    expect(screen.getByText('2 images were made with other settings.')).toBeTruthy();
    await user.click(button('Run again'));
    expect(ipc.retry).toHaveBeenCalledExactlyOnceWith([1, 2]);
    await user.click(screen.getByRole('radio', { name: 'Balanced' }));
    expect(screen.queryByText(/were made with other settings/)).toBeNull();
  });

  it('asks before an original is put back over a change', async () => {
    const { ipc, user } = await open({}, queued([1]), replaced(1));
    const refused = [{ history: 101, edited: true, reason: 'It was changed.' }];
    ipc.revert.mockResolvedValue({ count: 0, refused });
    const ask = async () => {
      await user.click(button('Revert image-1.png'));
      return screen.findByRole('dialog', { name: 'Changed since' });
    };
    const dialog = await ask();
    expect(dialog.textContent).toContain(
      'image-1.png was changed after Whittle replaced it. Put the original back over the change?',
    );
    await user.click(button('Keep the change'));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(ipc.revert).toHaveBeenCalledExactlyOnceWith([101], false);
    await ask();
    await user.click(button('Put back'));
    expect(screen.queryByRole('dialog')).toBeNull();
    expect(ipc.revert).toHaveBeenLastCalledWith([101], true);
  });

  it('puts replaced originals back', async () => {
    const { ipc, user } = await open({}, queued([1, 2]), replaced(1), replaced(2));
    await user.click(button('Revert image-2.png'));
    expect(ipc.revert).toHaveBeenLastCalledWith([102], false);
    await user.click(button('Revert all'));
    expect(ipc.revert).toHaveBeenLastCalledWith([101, 102], false);
    await emit('whittle:events', [
      { type: 'reverted', history: 101 },
      { type: 'reverted', history: 102 },
    ]);
    await tick();
    expect(text(row(/image-1\.png/))).toContain('original put back');
    expect(screen.queryByRole('button', { name: 'Revert all' })).toBeNull();
  });

  it('is worked with the keyboard alone', async () => {
    const { ipc, app, user } = await open(
      {},
      queued([1, 2, 3]),
      ...[1, 2, 3].map((id) => finished(id)),
    );
    row(/image-1\.png/).focus();
    await user.keyboard('{ArrowDown}');
    await tick();
    expect(document.activeElement).toBe(row(/image-2\.png/));
    expect(row(/image-2\.png/).getAttribute('aria-selected')).toBe('true');
    await user.keyboard('{Enter}');
    expect(ipc.revealJob).toHaveBeenCalledExactlyOnceWith(2, undefined);
    expect(ipc.compareOpen).not.toHaveBeenCalled();
    await user.keyboard('{Shift>}{ArrowDown}{/Shift}');
    expect([...app.queue.selected]).toEqual([2, 3]);
    await user.keyboard('{Delete}');
    expect(ipc.forget).toHaveBeenCalledExactlyOnceWith([2, 3]);
    await vi.waitFor(() => expect(document.activeElement).toBe(row(/image-1\.png/)));
  });

  it('shows derivatives as rows of their own', async () => {
    await open(
      {},
      queued([1]),
      finished(1, {
        derivatives: [
          {
            style: 'thumb',
            strategy: 'fit',
            width: 320,
            height: 100,
            output: '/x',
            bytes: 18_200,
            score: 90,
          },
        ],
      }),
    );
    expect(text(row(/thumb · 320×100/))).toMatch(/resize style “thumb” · fit — 18.2 KB Score 90/);
  });
});

describe('the toolbar', () => {
  it('saves the mode, and shows the level for lossy alone', async () => {
    const { ipc, user } = await open();
    const modes = screen.getByRole('radiogroup', { name: 'Mode' });
    expect(screen.queryByRole('slider')).toBeNull();
    await user.click(within(modes).getByRole('radio', { name: 'Lossy' }));
    expect(ipc.changeSettings).toHaveBeenLastCalledWith({ mode: 'lossy' });
    expect(screen.getByRole('slider', { name: 'Level' })).toHaveProperty('value', '85');
    await user.keyboard('{ArrowLeft}');
    expect(
      within(modes).getByRole('radio', { name: 'Balanced' }).getAttribute('aria-checked'),
    ).toBe('true');
  });

  it('adds, checks, edits and deletes resize styles', async () => {
    const { app, user } = await open();
    await user.click(button('Resize…'));
    const dialog = within(screen.getByRole('dialog', { name: 'Resize styles' }));
    await user.click(dialog.getByRole('button', { name: 'Add style' }));
    expect(dialog.getByText('Give the style a name.')).toBeTruthy();
    expect(dialog.getByText('Give a width, a height, or both.')).toBeTruthy();
    await user.type(dialog.getByRole('textbox', { name: 'Name' }), 'thumb');
    await user.type(dialog.getByRole('textbox', { name: 'Width' }), '320');
    await user.click(dialog.getByRole('button', { name: 'Add style' }));
    const thumb = { name: 'thumb', strategy: 'fit', width: 320, height: null };
    expect(app.settings.value.styles).toEqual([thumb]);

    await user.click(dialog.getByRole('button', { name: 'Edit thumb' }));
    await user.type(dialog.getByRole('textbox', { name: 'Height' }), '200');
    await user.click(dialog.getByRole('radio', { name: /^Exact/ }));
    await user.click(dialog.getByRole('button', { name: 'Save style' }));
    expect(app.settings.value.styles).toEqual([{ ...thumb, strategy: 'exact', height: 200 }]);
    expect(screen.getByText('Resize: 1 style')).toBeTruthy();

    await user.click(dialog.getByRole('button', { name: 'Delete thumb' }));
    expect(app.settings.value.styles).toEqual([]);
  });

  it('shows what each strategy makes of the first image, while lengths are typed', async () => {
    const { ipc, user } = await open({}, queued([1]), finished(1, { width: 1200, height: 900 }));
    await user.click(button('Resize…'));
    const dialog = within(screen.getByRole('dialog', { name: 'Resize styles' }));
    const source = { width: 1200, height: 900 };
    expect(ipc.placeStyles).toHaveBeenLastCalledWith(600, 600, source);
    const placed = (width: number, height: number): Placement => ({
      left: 0,
      top: 0,
      source_width: 1200,
      source_height: 900,
      width,
      height,
    });
    ipc.placeStyles.mockResolvedValue([placed(320, 240), placed(320, 240), null, null, null, null]);
    await user.type(dialog.getByRole('textbox', { name: 'Width' }), '320');
    expect(ipc.placeStyles).toHaveBeenLastCalledWith(320, null, source);
    const fit = await dialog.findByRole('radio', { name: /^Fit 320 × 240/ });
    expect(fit.getAttribute('aria-checked')).toBe('true');
    expect(fit.querySelector('img')?.src).toContain('job/1');
    const exact = dialog.getByRole('radio', { name: /^Exact –/ });
    expect(exact.querySelector('img, svg')).toBeNull();
    // What is no length asks nobody.
    ipc.placeStyles.mockClear();
    await user.type(dialog.getByRole('textbox', { name: 'Width' }), 'x');
    expect(ipc.placeStyles).not.toHaveBeenCalled();
    expect(dialog.queryByText('320 × 240')).toBeNull();
    fit.focus();
    await user.keyboard('{ArrowLeft}');
    expect(dialog.getByRole('radio', { name: /^Crop/ }).getAttribute('aria-checked')).toBe('true');
  });

  it('chooses where results go', async () => {
    const { app, ipc, user } = await open();
    ipc.chooseOutputFolder.mockResolvedValue('/home/ada/web');
    await user.click(button('Output: next to original'));
    const panel = within(screen.getByRole('dialog', { name: 'Output' }));
    await user.click(panel.getByRole('radio', { name: 'Into a folder' }));
    // Nothing is changed until there is a folder.
    expect(app.settings.value.output.kind).toBe('suffix');
    await user.click(panel.getByRole('button', { name: 'Choose folder…' }));
    expect(app.settings.value.output).toEqual({ kind: 'folder', path: '/home/ada/web' });
    await user.click(panel.getByRole('radio', { name: 'Replace original' }));
    expect(app.settings.value.output).toEqual({ kind: 'in_place' });
    await user.keyboard('{Escape}');
    expect(screen.queryByRole('dialog', { name: 'Output' })).toBeNull();
    expect(document.activeElement).toBe(button('Output: replace'));
  });

  it('takes only a suffix that may stand in a file name', async () => {
    const { app, user } = await open();
    await user.click(button('Output: next to original'));
    const field = screen.getByRole('textbox', { name: 'Suffix' });
    await user.clear(field);
    await user.type(field, 'a/b');
    expect(screen.getByText(/Use 1 to 32 letters/)).toBeTruthy();
    await fireEvent.change(field);
    expect(app.settings.value.output).toEqual({ kind: 'suffix', suffix: 'min' });
    await user.clear(field);
    await user.type(field, 'web{Tab}');
    expect(app.settings.value.output).toEqual({ kind: 'suffix', suffix: 'web' });
  });
});

describe('History', () => {
  it('lists what was done, and puts originals back', async () => {
    const { ipc, user } = await open();
    ipc.history.mockResolvedValue({
      entries: [
        entry(2, { revertible: true }),
        entry(1, { outcome: 'failed', message: 'The file is empty.', output_bytes: null }),
      ],
      total: 2,
    });
    await user.click(button('History'));
    expect(await screen.findByRole('grid', { name: 'History' })).toBeTruthy();
    expect(text(row(/image-2\.png/))).toMatch(
      /\/pictures .* 1.00 MB 400 KB −60.0 % Optimized Score 86/,
    );
    expect(text(row(/image-1\.png/))).toMatch(/The file is empty\..* Failed/);
    await user.click(button('Revert image-2.png'));
    expect(ipc.revert).toHaveBeenCalledExactlyOnceWith([2], false);
    await user.click(button('Reveal image-1.png'));
    expect(ipc.revealHistory).toHaveBeenCalledExactlyOnceWith(1);
    row(/image-2\.png/).focus();
    await user.keyboard('{Enter}');
    expect(ipc.revealHistory).toHaveBeenLastCalledWith(2);
    expect(ipc.compareOpen).not.toHaveBeenCalled();
    await user.keyboard('c');
    expect(ipc.compareOpen).toHaveBeenCalledExactlyOnceWith({ of: 'history', id: 2 });
  });

  it('tells of images that only an account has what it knows of them', async () => {
    const { ipc, user } = await open();
    const foreign = { origin: 'account', output: null, score: null } as const;
    ipc.history.mockResolvedValue({
      entries: [
        entry(2, {
          ...foreign,
          path: 'host/shopify/known.png',
          created_at: '2019-07-24T09:47:54.942Z',
        }),
        entry(1, { ...foreign, path: 'host/file/image 1', input_bytes: null, output_bytes: null }),
      ],
      total: 2,
    });
    await user.click(button('History'));
    await screen.findByRole('grid', { name: 'History' });
    expect(text(row(/known\.png/))).toMatch(/2019.* 1.00 MB 400 KB −60.0 % Optimized/);
    expect(text(row(/image 1/))).toMatch(/ — +Optimized/);
    // There is nothing of them here that could be opened, compared or worked on.
    for (const action of ['Open', 'Reveal', 'Compare', 'Run again', 'Revert'])
      expect(screen.queryByRole('button', { name: `${action} known.png` })).toBeNull();
    row(/known\.png/).focus();
    await user.keyboard('{Enter}c');
    expect(ipc.revealHistory).not.toHaveBeenCalled();
    expect(ipc.compareOpen).not.toHaveBeenCalled();
  });

  it('is searched and filtered', async () => {
    const { ipc, user } = await open();
    await user.click(button('History'));
    expect(await screen.findByText('No history yet')).toBeTruthy();
    await user.type(screen.getByRole('searchbox', { name: 'Search history' }), 'team');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Outcome' }), 'Failed');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Format' }), 'PNG');
    await user.selectOptions(screen.getByRole('combobox', { name: 'Mode' }), 'Lossy');
    await vi.waitFor(() =>
      expect(ipc.history).toHaveBeenLastCalledWith(
        expect.objectContaining({
          search: 'team',
          outcome: 'failed',
          format: 'png',
          mode: 'lossy',
        }),
      ),
    );
    expect(await screen.findByText('Nothing found')).toBeTruthy();
    await user.click(button('Clear search'));
    expect(await screen.findByText('No history yet')).toBeTruthy();
  });
});

describe('Dashboard', () => {
  it('looks back as far as is wanted', async () => {
    const { ipc, user } = await open();
    ipc.dashboard.mockImplementation(async (period) => fakeDashboard(false, period));
    await user.click(button('Dashboard'));
    await user.click(await screen.findByRole('radio', { name: '30 days' }));
    expect(ipc.dashboard).toHaveBeenLastCalledWith('month');
    const chart = await screen.findByRole('group', {
      name: 'Chart: bytes saved on each day, by origin',
    });
    expect(within(chart).getAllByRole('img')).toHaveLength(30);
    await user.click(button('Export CSV…'));
    expect(ipc.exportDashboard).toHaveBeenLastCalledWith('month');
  });

  it('shows totals, a chart with spoken values, and the same numbers as a table', async () => {
    const { ipc, user } = await open();
    const data = fakeDashboard(false);
    data.columns = [
      { date: '2026-10', saved: [['file', 2_000_000]], images: 4 },
      {
        date: '2026-11',
        saved: [
          ['file', 5_000_000],
          ['cli', 1_000_000],
        ],
        images: 1,
      },
    ];
    ipc.dashboard.mockResolvedValue(data);
    await user.click(button('Dashboard'));
    expect(
      text(
        await screen
          .findByText('Saved', { selector: 'dt' })
          .then((dt) => dt.parentElement as Element),
      ),
    ).toBe('Saved 9.61 GB −58.6 % of 16.4 GB');
    const chart = within(screen.getByRole('group', { name: /^Chart: bytes saved/ }));
    expect(
      chart
        .getAllByRole('img')
        .map((img) => img.getAttribute('aria-label')?.replaceAll('\u00a0', ' ')),
    ).toEqual([
      'October 2026: 2.00 MB saved, 4 images, Dropped 2.00 MB',
      'November 2026: 6.00 MB saved, 1 image, Dropped 5.00 MB, Command line 1.00 MB',
    ]);
    const table = within(screen.getByRole('table', { name: 'Saved by month and origin' }));
    expect(table.getAllByRole('row').map((tr) => [...tr.children].map(text))).toEqual([
      ['Month', 'Dropped', 'Command line', 'Total', 'Images'],
      ['October 2026', '2.00 MB', '—', '2.00 MB', '4'],
      ['November 2026', '5.00 MB', '1.00 MB', '6.00 MB', '1'],
    ]);
    await user.click(button('Show table'));
    expect(button('Hide table').getAttribute('aria-expanded')).toBe('true');
  });

  it('says so when there is nothing yet', async () => {
    const { ipc, user } = await open();
    ipc.dashboard.mockResolvedValue(fakeDashboard(true));
    await user.click(button('Dashboard'));
    await user.click(await screen.findByRole('button', { name: 'Optimize images' }));
    expect(screen.getByRole('heading', { name: 'Optimize' })).toBeTruthy();
  });
});

describe('Settings', () => {
  it('saves every choice at once', async () => {
    const { app, user } = await open();
    await user.click(button('Settings'));
    await user.click(screen.getByRole('radio', { name: 'Remove everything' }));
    await user.click(screen.getByRole('radio', { name: 'Maximum' }));
    await user.selectOptions(screen.getByRole('combobox', { name: 'Images at once' }), '3');
    await user.click(screen.getByRole('radio', { name: 'Dark' }));
    expect(app.settings.value).toMatchObject({
      metadata: 'strip',
      effort: 'max',
      threads: 3,
      theme: 'dark',
    });
    expect(document.documentElement.dataset.theme).toBe('dark');
    await user.selectOptions(
      screen.getByRole('combobox', { name: 'Images at once' }),
      'One for each core (4)',
    );
    await user.click(screen.getByRole('radio', { name: 'System' }));
    expect(app.settings.value.threads).toBeNull();
    expect(document.documentElement.dataset.theme).toBeUndefined();
  });

  it('speaks the chosen language, or that of the system', async () => {
    const { app, ipc, user } = await open();
    ipc.changeSettings.mockImplementation(async (changes) => ({ ...DEFAULTS, ...changes }));
    await user.click(button('Settings'));
    await user.click(screen.getByRole('radio', { name: 'Deutsch' }));
    expect(screen.getByRole('heading', { name: 'Einstellungen' })).toBeTruthy();
    expect(document.documentElement.lang).toBe('de');
    await app.settings.settled();
    expect(ipc.changeSettings).toHaveBeenCalledWith({ language: 'de' });
    await user.click(screen.getByRole('radio', { name: 'Wie das System' }));
    expect(screen.getByRole('heading', { name: 'Settings' })).toBeTruthy();
    expect(document.documentElement.lang).toBe('en');
  });

  it('tells where things are kept', async () => {
    const { user } = await open();
    await user.click(button('Settings'));
    expect(text(await screen.findByText(/2 originals/))).toBe('2 originals, 3.00 MB');
    expect(screen.getByText('/data/whittle')).toBeTruthy();
    expect(screen.getByText('Whittle 0.1.0')).toBeTruthy();
  });
});

describe('the keyboard', () => {
  it('reaches every section and command', async () => {
    const { app, ipc, user } = await open();
    const sections = [];
    for (const key of ['2', '3', '4', '5', '6', '1', ',']) {
      await user.keyboard(`{Control>}${key}{/Control}`);
      sections.push(app.section);
    }
    expect(sections).toEqual([
      'watched',
      'history',
      'dashboard',
      'account',
      'settings',
      'optimize',
      'settings',
    ]);
    await user.keyboard(
      '{Control>}o{/Control}{Control>}{Shift>}O{/Shift}{/Control}{Control>}v{/Control}',
    );
    expect(ipc.chooseImages).toHaveBeenCalledOnce();
    expect(ipc.chooseFolder).toHaveBeenCalledOnce();
    expect(ipc.paste).toHaveBeenCalledOnce();
  });

  it('lists its shortcuts', async () => {
    const { ipc, user } = await open();
    await user.keyboard('?');
    expect(screen.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeTruthy();
    // Meanwhile nothing happens behind it.
    await user.keyboard('{Control>}o{/Control}');
    expect(ipc.chooseImages).not.toHaveBeenCalled();
    await user.click(button('Close'));
    expect(screen.queryByRole('dialog', { name: 'Keyboard shortcuts' })).toBeNull();
  });

  it('marks the section that is shown', async () => {
    const { user } = await open();
    const current = () =>
      within(screen.getByRole('navigation', { name: 'Sections' }))
        .getAllByRole('button')
        .filter((entry) => entry.getAttribute('aria-current') === 'page')
        .map(text);
    expect(current()).toEqual(['Optimize']);
    await user.click(button('Settings'));
    expect(current()).toEqual(['Settings']);
  });
});

describe('a row’s menu', () => {
  const names = () => screen.getAllByRole('menuitem').map((item) => item.firstChild?.textContent);

  it('offers what can be done with a result, by pointer and by key', async () => {
    const { ipc, user } = await open({}, queued([1]), finished(1, { width: 40, height: 30 }));
    await user.pointer({ target: row(/image-1\.png/), keys: '[MouseRight]' });
    expect(names()).toEqual([
      'Compare',
      'Reveal',
      'Open',
      'Run again',
      'Copy file',
      'Copy as data URL',
      'Copy <picture> snippet',
      'Remove',
    ]);
    await user.click(screen.getByRole('menuitem', { name: 'Copy <picture> snippet' }));
    expect(ipc.copyText.mock.calls[0]?.[0]).toContain('<img src="image-1.min.png"');
    expect(screen.getByText('The snippet was copied.')).toBeTruthy();
    expect(screen.queryByRole('menu')).toBeNull();

    row(/image-1\.png/).focus();
    await user.keyboard('{Shift>}{F10}{/Shift}');
    expect(document.activeElement?.textContent).toContain('Compare');
    await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}{ArrowDown}{Enter}');
    expect(ipc.copyFiles).toHaveBeenCalledExactlyOnceWith([1], undefined);
    await user.keyboard('{Shift>}{F10}{/Shift}{Escape}');
    expect(screen.queryByRole('menu')).toBeNull();
    expect(document.activeElement).toBe(row(/image-1\.png/));
  });

  it('is for all selected rows', async () => {
    const { ipc, app, user } = await open({}, queued([1, 2, 3]), replaced(1), replaced(2));
    app.queue.selectAll();
    await user.pointer({ target: row(/image-2\.png/), keys: '[MouseRight]' });
    expect(names()).toEqual(['Run again', 'Pause', 'Cancel', 'Revert', 'Copy files', 'Remove']);
    await user.click(screen.getByRole('menuitem', { name: 'Cancel' }));
    expect(ipc.cancel).toHaveBeenCalledExactlyOnceWith([3]);
    await user.pointer({ target: row(/image-2\.png/), keys: '[MouseRight]' });
    await user.click(screen.getByRole('menuitem', { name: 'Revert' }));
    expect(ipc.revert).toHaveBeenCalledExactlyOnceWith([101, 102], false);
  });

  it('belongs to the row it is opened on when that is not selected', async () => {
    const { ipc, app, user } = await open({}, queued([1, 2]), finished(1), finished(2));
    app.queue.select([1]);
    await user.pointer({ target: row(/image-2\.png/), keys: '[MouseRight]' });
    await user.click(screen.getByRole('menuitem', { name: /^Remove/ }));
    expect(ipc.forget).toHaveBeenCalledExactlyOnceWith([2]);
  });
});

it('sorts by its columns', async () => {
  const { app, user } = await open(
    {},
    queued([1, 2]),
    finished(1),
    finished(2, { output_bytes: 9 }),
  );
  const head = () => screen.getByRole('columnheader', { name: 'Saved' });
  expect(head().getAttribute('aria-sort')).toBe('none');
  await user.click(button('Saved'));
  expect(head().getAttribute('aria-sort')).toBe('descending');
  expect(app.queue.lines.map(({ job }) => job)).toEqual([2, 1]);
});

it('cancels a single image', async () => {
  const { ipc, user } = await open({}, queued([1, 2]));
  await user.click(button('Cancel image-2.png'));
  expect(ipc.cancel).toHaveBeenCalledExactlyOnceWith([2]);
});
