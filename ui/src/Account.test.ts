import { emit } from '@tauri-apps/api/event';
import { clearMocks, mockConvertFileSrc, mockIPC } from '@tauri-apps/api/mocks';
import { render, screen, within } from '@testing-library/svelte';
import userEvent from '@testing-library/user-event';
import { tick } from 'svelte';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fakeDashboard } from './dev/fake-history';
import { monthsOf } from './lib/account/months';
import { synced } from './lib/account/synced';
import type { AccountState, AccountStatus } from './lib/ipc/types';
import { App } from './lib/state/app.svelte';
import { DEFAULTS } from './lib/state/settings.svelte';
import { NO_ACCOUNT } from './lib/account/account.svelte';
import { ACCOUNT, queued, quietCommands, STATE } from './test/samples';
import Window from './Window.svelte';

let ipc: ReturnType<typeof quietCommands>;

beforeEach(() => {
  mockIPC(() => null, { shouldMockEvents: true });
  mockConvertFileSrc('linux');
  ipc = quietCommands();
});
afterEach(clearMocks);

async function opened(status: AccountStatus = ACCOUNT) {
  ipc.accountStatus.mockResolvedValue(status);
  const app = new App(ipc);
  render(Window, { app });
  await app.start();
  app.go('account');
  await tick();
  return app;
}

const button = (name: string) => screen.getByRole('button', { name });

describe('without an account', () => {
  it('says that nothing leaves the computer, and connects', async () => {
    const user = userEvent.setup();
    const app = await opened(NO_ACCOUNT);
    expect(screen.getByText('Not connected')).toBeTruthy();
    expect(screen.getByText(/Nothing leaves this computer unless/)).toBeTruthy();
    await user.type(screen.getByLabelText('API token'), 'wh_secret');
    let answer: (connected: Awaited<ReturnType<typeof ipc.accountConnect>>) => void = () => {};
    ipc.accountConnect.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    await user.click(button('Connect'));
    expect(screen.getAllByText('Connecting…').length).toBeGreaterThan(0);
    answer({ status: ACCOUNT, needs_file: false });
    expect(await screen.findByText('ada@example.com')).toBeTruthy();
    expect(ipc.accountConnect).toHaveBeenCalledWith({
      endpoint: 'https://api.crush.pics/v1',
      token: 'wh_secret',
      allowHttp: false,
      tokenInFile: false,
    });
    // It is nowhere in the window any more.
    expect(document.body.innerHTML).not.toContain('wh_secret');
    expect(app.account.status.login).toBe('ada@example.com');
  });

  it('says what is wrong, and asks before the token is kept in a file', async () => {
    const user = userEvent.setup();
    await opened(NO_ACCOUNT);
    ipc.accountConnect.mockRejectedValueOnce('The account’s server does not accept the token.');
    await user.type(screen.getByLabelText('API token'), 'wrong');
    await user.click(button('Connect'));
    expect(await screen.findByText(/does not accept the token/)).toBeTruthy();
    ipc.accountConnect.mockResolvedValueOnce({ status: NO_ACCOUNT, needs_file: true });
    await user.click(button('Connect'));
    ipc.accountConnect.mockResolvedValueOnce({ status: ACCOUNT, needs_file: false });
    await user.click(await screen.findByRole('button', { name: 'Keep it in a file' }));
    expect(ipc.accountConnect.mock.lastCall?.[0]).toMatchObject({ tokenInFile: true });
  });

  it('allows plain HTTP only when that is chosen', async () => {
    const user = userEvent.setup();
    await opened(NO_ACCOUNT);
    const endpoint = screen.getByLabelText('Endpoint');
    await user.clear(endpoint);
    await user.type(endpoint, 'http://127.0.0.1:8787');
    await user.type(screen.getByLabelText('API token'), 'x');
    await user.click(button('Connect'));
    expect(ipc.accountConnect.mock.lastCall?.[0]).toMatchObject({ allowHttp: false });
    await user.click(screen.getByLabelText(/Allow plain HTTP/));
    await user.type(screen.getByLabelText('API token'), 'x');
    await user.click(button('Connect'));
    expect(ipc.accountConnect.mock.lastCall?.[0]).toMatchObject({ allowHttp: true });
  });

  it('offers no account to work by', async () => {
    const app = await opened(NO_ACCOUNT);
    app.go('optimize');
    expect(screen.queryByRole('radiogroup', { name: 'Where to optimize' })).toBeNull();
  });
});

describe('with an account', () => {
  it.each<[AccountState, string, RegExp | null]>([
    ['up_to_date', 'Connected', null],
    ['syncing', 'Syncing…', null],
    ['offline', 'Offline', /cannot be reached/],
    ['bad_token', 'Token not accepted', /Make a new one/],
    ['no_token', 'Token not at hand', /cannot be read/],
    ['suspended', 'Suspended', /has suspended/],
    ['quota_used_up', 'Plan used up', /used up for this period/],
  ])('tells that it is %s', async (state, name, help) => {
    await opened({ ...ACCOUNT, state, message: help && 'Why.' });
    expect(screen.getAllByText(name).length).toBeGreaterThan(0);
    if (help) expect(screen.getByText(help)).toBeTruthy();
  });

  it('shows connection, plan and defaults, and changes them', async () => {
    const user = userEvent.setup();
    const app = await opened();
    expect(screen.getByText('in the system keychain')).toBeTruthy();
    expect(screen.getByText(/^3\.60\sMB of 25\.0\sMB used$/)).toBeTruthy();
    expect(screen.getByText(/^21\.4\sMB left$/)).toBeTruthy();
    const card = screen.getByRole('region', { name: 'Account defaults' });
    await user.click(within(card).getByRole('radio', { name: 'Lossless' }));
    expect(ipc.accountDefaults).toHaveBeenCalledWith({ ...ACCOUNT.defaults, mode: 'lossless' });
    app.account.take(ACCOUNT);
    const again = await screen.findByRole('region', { name: 'Account defaults' });
    await user.click(within(again).getByRole('radio', { name: 'Account' }));
    await app.settings.settled();
    expect(app.settings.value.via).toEqual({ kind: 'account', defaults: false, or_here: true });
  });

  it('shows what is on its way, and gives it up', async () => {
    const user = userEvent.setup();
    const item = { id: 3, image: null, bytes: 3_370_000, created_at: '', message: null } as const;
    const app = await opened({
      ...ACCOUNT,
      state: 'offline',
      waiting: 2,
      outbox: [
        { ...item, name: 'banner.gif', state: 'waiting', message: 'It cannot be reached.' },
        { ...item, id: 2, name: 'hero.jpg', state: 'sent' },
        { ...item, id: 1, name: 'photo.png', state: 'done' },
      ],
    });
    const now = app.account.status;
    ipc.accountCancel.mockResolvedValue(now);
    ipc.accountPause.mockResolvedValue(now);
    const rows = screen.getAllByRole('row').map((row) => row.textContent);
    expect(rows[1]).toMatch(
      /banner\.gif.*This computer → account.*3\.37\sMB.*Waiting for network/s,
    );
    expect(rows[2]).toMatch(/Enqueued/);
    expect(rows[3]).toMatch(/Account → this computer.*Completed/s);
    await user.click(button('Cancel banner.gif'));
    expect(ipc.accountCancel).toHaveBeenCalledWith(3);
    expect(screen.queryByRole('button', { name: 'Cancel photo.png' })).toBeNull();
    await user.click(button('Pause sending'));
    expect(ipc.accountPause).toHaveBeenCalledWith(true);
  });

  it('forecasts what a batch takes of the plan', async () => {
    const via = { kind: 'account', defaults: false, or_here: true } as const;
    ipc.appState.mockResolvedValue({ ...STATE, settings: { ...DEFAULTS, via } });
    const app = await opened({
      ...ACCOUNT,
      plan: { name: 'Pro', bytes: 250_000_000, used: 38_000_000, renews_at: null },
    });
    app.go('optimize');
    expect(await screen.findByText(/212\sMB of its plan are left/)).toBeTruthy();
    await emit('whittle:events', [queued([1, 2, 3], 'b1', 16_000_000)]);
    expect(await screen.findByText(/about 48\.0\sMB of the 212\sMB left/)).toBeTruthy();
  });

  it('shows both dashboards', async () => {
    const user = userEvent.setup();
    ipc.accountDashboard.mockResolvedValue({
      original_images_count: 475,
      optimized_images_count: 481,
      rows: [{ origin: 'shopify', size: 1_858_202, period: new Date().getUTCMonth() + 1 }],
    });
    const app = await opened();
    app.go('dashboard');
    const where = await screen.findByRole('radiogroup', { name: 'Which images' });
    await user.click(within(where).getByRole('radio', { name: 'Account' }));
    expect(await screen.findByText('475')).toBeTruthy();
    expect(screen.getByText('481')).toBeTruthy();
    expect(await screen.findByRole('heading', { name: /Sent to the account/ })).toBeTruthy();
  });

  it('adds both up, and counts nothing twice', async () => {
    const user = userEvent.setup();
    const period = new Date().getUTCMonth() + 1;
    const here = fakeDashboard(false);
    ipc.dashboard.mockResolvedValue({
      ...here,
      images_ever: 40,
      foreign: { images: 2, rows: [{ origin: 'account', size: 3_000_000, saved: 0, period }] },
      stats: {
        ...here.stats,
        consumption: {
          type: 'six_months',
          data: [
            { origin: 'file', size: 20_000_000, saved: 5_000_000, period },
            { origin: 'cli', size: null, saved: 0, period },
          ],
        },
      },
    });
    const app = await opened();
    app.go('dashboard');
    const where = await screen.findByRole('radiogroup', { name: 'Which images' });
    await user.click(within(where).getByRole('radio', { name: 'Both' }));
    expect(await screen.findByText('42')).toBeTruthy();
    expect(screen.getByText('40 here, 2 only in the account')).toBeTruthy();
    expect(screen.getAllByText(/^23\.0\sMB$/).length).toBeGreaterThan(0);
    const table = screen.getByRole('table', { name: 'Optimized by month and origin' });
    const last = within(table).getAllByRole('row').at(-1)?.textContent;
    expect(last).toMatch(/20\.0\sMB.*3\.00\sMB.*23\.0\sMB/);
    const periods = screen.getByRole('radiogroup', { name: 'Period' });
    expect(
      within(periods).getByRole('radio', { name: '6 months' }).getAttribute('aria-checked'),
    ).toBe('true');
    expect(within(periods).getByRole<HTMLButtonElement>('radio', { name: 'All' }).disabled).toBe(
      true,
    );
  });

  it('forgets it, and works here again', async () => {
    const user = userEvent.setup();
    const app = await opened();
    await user.click(button('Disconnect'));
    await app.settings.settled();
    expect(await screen.findByText('Connect an account')).toBeTruthy();
    expect(app.settings.value.via).toEqual({ kind: 'here' });
  });

  it('hears of changes from the shell', async () => {
    const app = await opened();
    await emit('whittle:account', { ...ACCOUNT, state: 'offline' });
    expect(app.account.state).toBe('offline');
  });
});

it('puts the account’s rows into the last six months', () => {
  const rows = [
    { origin: 'file', size: null, period: 11 },
    { origin: 'shopify', size: 10, period: 1 },
    { origin: 'wp', size: 5, period: 1 },
    { origin: 'file', size: 7, period: 8 },
  ];
  const months = monthsOf(rows, new Date('2026-01-15T00:00:00Z'));
  expect(months.map(({ date }) => date)).toEqual([
    ...['2025-08', '2025-09', '2025-10', '2025-11', '2025-12', '2026-01'],
  ]);
  expect(months[0]?.saved).toEqual([['file', 7]]);
  expect(months[3]?.saved).toEqual([['file', 0]]);
  expect(months[5]?.saved).toEqual([['account', 15]]);
});

it('says how long ago both sides knew the same', () => {
  const at = '2026-11-24T10:00:00.000Z';
  const later = (minutes: number) => Date.parse(at) + minutes * 60_000;
  expect(synced(null)).toBe('Not synced yet');
  expect(synced(at, later(0.5))).toBe('Synced just now');
  expect(synced(at, later(2.5))).toBe('Synced 2 min ago');
  expect(synced(at, later(130))).toBe('Synced 2 h ago');
});
