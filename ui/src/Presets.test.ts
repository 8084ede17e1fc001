import { clearMocks, mockConvertFileSrc, mockIPC } from '@tauri-apps/api/mocks';
import { fireEvent, render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { App } from './lib/state/app.svelte';
import { presetOf } from './lib/state/presets';
import { DEFAULTS } from './lib/state/settings.svelte';
import { entry, quietCommands, STATE } from './test/samples';
import Window from './Window.svelte';

beforeEach(() => {
  mockIPC(() => null, { shouldMockEvents: true });
  mockConvertFileSrc('linux');
});
afterEach(clearMocks);

async function open() {
  const ipc = quietCommands();
  ipc.appState.mockResolvedValue(STATE);
  const app = new App(ipc);
  render(Window, { app });
  await app.start();
  await tick();
  return { app, ipc, user: userEvent.setup() };
}

const button = (name: string | RegExp) => screen.getByRole('button', { name });

it('keeps the settings of now as a preset, uses it, exports it and lets it go', async () => {
  const { app, ipc, user } = await open();
  app.settings.change({ mode: 'lossy', level: 70 });
  await user.click(button('Presets'));
  const panel = within(screen.getByRole('dialog', { name: 'Presets' }));
  expect(panel.getByRole('button', { name: 'Save preset' })).toHaveProperty('disabled', true);
  await user.type(panel.getByRole('textbox', { name: 'Current settings' }), 'Web{Enter}');
  const web = presetOf({ ...DEFAULTS, mode: 'lossy', level: 70 }, 'Web');
  expect(app.settings.value.presets).toEqual([web]);
  expect(button('Presets: Web')).toBeTruthy();

  app.settings.change({ mode: 'lossless' });
  await tick();
  expect(button('Presets')).toBeTruthy();
  await user.click(panel.getByRole('button', { name: 'Web Lossy 70 · next to original' }));
  expect(app.settings.value).toMatchObject({ mode: 'lossy', level: 70 });

  ipc.exportPreset.mockResolvedValue('/home/ada/Web.whittle.json');
  await user.click(panel.getByRole('button', { name: 'Export Web' }));
  expect(ipc.exportPreset).toHaveBeenCalledExactlyOnceWith(web);
  expect(screen.getByText('Web.whittle.json was written.')).toBeTruthy();
  await user.click(panel.getByRole('button', { name: 'Delete Web' }));
  expect(app.settings.value.presets).toEqual([]);
});

it('takes a preset from a file, and says what is wrong with another', async () => {
  const { app, ipc, user } = await open();
  await user.click(button('Presets'));
  ipc.importPreset.mockRejectedValueOnce('x.json is no preset: it is empty');
  await user.click(button('Import preset…'));
  expect(screen.getByText('x.json is no preset: it is empty')).toBeTruthy();
  expect(app.settings.value.presets).toEqual([]);
  const print = { ...presetOf(DEFAULTS, 'Print'), mode: 'lossless' as const };
  ipc.importPreset.mockResolvedValueOnce(print);
  await user.click(button('Import preset…'));
  expect(app.settings.value).toMatchObject({ mode: 'lossless', presets: [print] });
  expect(button('Presets: Print')).toBeTruthy();
});

it('exports the history that fits, opens a result, and runs an original again', async () => {
  const { app, ipc, user } = await open();
  ipc.history.mockResolvedValue({ entries: [entry(1), entry(2, { revertible: true })], total: 2 });
  await user.click(button('History'));
  await screen.findByRole('grid', { name: 'History' });
  await user.selectOptions(screen.getByRole('combobox', { name: 'Period' }), 'Today');
  await user.click(button('Export CSV…'));
  const today = new Date().setHours(0, 0, 0, 0);
  expect(ipc.exportHistory.mock.calls[0]?.[0]).toMatchObject({ since: today, limit: 0 });
  const period = screen.getByRole('combobox', { name: 'Period' });
  expect(screen.queryByLabelText('From')).toBeNull();
  await user.selectOptions(period, 'From – to…');
  await fireEvent.input(screen.getByLabelText('From'), { target: { value: '2026-02-03' } });
  await fireEvent.input(screen.getByLabelText('to'), { target: { value: '2026-02-04' } });
  await user.click(button('Export CSV…'));
  expect(ipc.exportHistory).toHaveBeenLastCalledWith(
    expect.objectContaining({
      since: new Date(2026, 1, 3).getTime(),
      before: new Date(2026, 1, 5).getTime(),
    }),
  );
  // Another period takes their place.
  await user.selectOptions(period, 'Any time');
  expect(app.history.isFiltered).toBe(false);
  await user.click(button('Open image-1.png'));
  expect(ipc.openHistory).toHaveBeenCalledExactlyOnceWith(1);
  // Of what was replaced, the shell puts the original back first.
  expect(button('Run again image-2.png')).toBeTruthy();
  ipc.runHistory.mockRejectedValueOnce('image-1.png is no longer there.');
  await user.click(button('Run again image-1.png'));
  expect(screen.getByText('image-1.png is no longer there.')).toBeTruthy();
  expect(app.section).toBe('history');
  await user.click(button('Run again image-1.png'));
  expect(app.section).toBe('optimize');
});
