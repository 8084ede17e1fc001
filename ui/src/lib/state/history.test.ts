import { describe, expect, it, vi } from 'vitest';
import { entry, quietCommands } from '../../test/samples';
import type { Dashboard, HistoryPage, HistoryQuery } from '../ipc/types';
import { beginOf, beginOfDay, HistoryState } from './history.svelte';

/** 250 lines, the newest first. */
function page({ offset, limit, search }: HistoryQuery): HistoryPage {
  const all = Array.from({ length: 250 }, (_, index) => entry(250 - index));
  const fitting = all.filter(({ path }) => path.includes(search));
  return { entries: fitting.slice(offset, offset + limit), total: fitting.length };
}

function historyOf() {
  const ipc = quietCommands();
  ipc.history.mockImplementation(async (query) => page(query));
  const fail = vi.fn();
  return { ipc, fail, history: new HistoryState(ipc, fail) };
}

describe('pages', () => {
  it('are fetched when they come into view, and once', async () => {
    const { history, ipc } = historyOf();
    await history.reload();
    expect(history.total).toBe(250);
    expect(history.entry(0)?.id).toBe(250);
    expect(history.entry(100)).toBeUndefined();
    await history.show(95, 115);
    expect(history.entry(100)?.id).toBe(150);
    await history.show(90, 110);
    expect(ipc.history.mock.calls.map(([query]) => query.offset)).toEqual([0, 100]);
  });

  it('on screen are fetched again after news, without a gap', async () => {
    const { history, ipc } = historyOf();
    await history.reload();
    await history.show(120, 140);
    history.markStale();
    expect(history.isStale).toBe(true);
    const reloading = history.reload();
    expect(history.entry(120)?.id).toBe(130);
    await reloading;
    expect(history.isStale).toBe(false);
    expect(ipc.history).toHaveBeenLastCalledWith(expect.objectContaining({ offset: 100 }));
    expect(history.entry(0)).toBeUndefined();
  });
});

describe('periods', () => {
  const now = new Date(2026, 10, 24, 15, 30);
  it.each([
    ['today', new Date(2026, 10, 24)],
    ['week', new Date(2026, 10, 18)],
    ['month', new Date(2026, 9, 26)],
    ['year', new Date(2025, 10, 25)],
  ] as const)('begin at the start of a day: %s', (period, begin) => {
    expect(beginOf(period, now)).toBe(begin.getTime());
  });

  it('narrow what is shown and what is exported', async () => {
    const { history, ipc } = historyOf();
    await history.narrow({ period: 'week', folder: '/p' });
    const since = beginOf('week');
    const narrowed = expect.objectContaining({ since, before: null, folder: '/p' });
    expect(ipc.history).toHaveBeenLastCalledWith(narrowed);
    expect(history.isFiltered).toBe(true);
    await history.export();
    expect(ipc.exportHistory).toHaveBeenCalledExactlyOnceWith(narrowed);
  });
});

describe('dates', () => {
  it('are days of this computer, first and last included', async () => {
    const { history, ipc } = historyOf();
    await history.narrow({ period: 'dates', from: '2026-03-28', to: '2026-03-29' });
    const narrowed = expect.objectContaining({
      since: new Date(2026, 2, 28).getTime(),
      before: new Date(2026, 2, 30).getTime(),
    });
    expect(ipc.history).toHaveBeenLastCalledWith(narrowed);
    expect(ipc.history.mock.lastCall?.[0]).not.toHaveProperty('from');
    await history.export();
    expect(ipc.exportHistory).toHaveBeenCalledExactlyOnceWith(narrowed);
  });

  it('leave an end open that is not given', async () => {
    const { history, ipc } = historyOf();
    await history.narrow({ period: 'dates', from: null, to: '2026-12-31' });
    const before = new Date(2027, 0, 1).getTime();
    expect(ipc.history).toHaveBeenLastCalledWith(expect.objectContaining({ since: null, before }));
    await history.narrow({ period: 'week' });
    expect(ipc.history).toHaveBeenLastCalledWith(
      expect.objectContaining({ since: beginOf('week'), before: null }),
    );
  });

  it('that are none are none', () => {
    for (const none of [null, '', '2026', '31.12.2026', '0020-12-31'])
      expect(beginOfDay(none)).toBeNull();
  });
});

describe('filter', () => {
  it('narrows from the beginning', async () => {
    const { history, ipc } = historyOf();
    await history.reload();
    await history.show(200, 220);
    await history.narrow({ search: ' image-7.png ' });
    expect(ipc.history).toHaveBeenLastCalledWith({
      search: 'image-7.png',
      outcome: null,
      format: null,
      mode: null,
      origin: null,
      since: null,
      before: null,
      folder: null,
      offset: 0,
      limit: 100,
    });
    expect(history.total).toBe(1);
    expect(history.isFiltered).toBe(true);
    await history.clearFilter();
    expect(history.isFiltered).toBe(false);
    expect(history.total).toBe(250);
  });

  it('ignores answers to an older one', async () => {
    const { history, ipc } = historyOf();
    let answer: (page: HistoryPage) => void = () => {};
    ipc.history.mockImplementationOnce(() => new Promise((resolve) => (answer = resolve)));
    const first = history.narrow({ search: 'image-1' });
    await history.narrow({ search: 'image-250' });
    answer({ entries: [entry(1)], total: 1 });
    await first;
    expect(history.entry(0)?.id).toBe(250);
  });
});

it('offers the folders with the most images, and the one that is looked into', async () => {
  const { history, ipc } = historyOf();
  await history.loadFolders();
  expect(history.folders).toEqual([]);
  const total = (folder: string, images: number) => ({
    folder,
    images,
    input_bytes: 0,
    output_bytes: 0,
  });
  const few = Array.from({ length: 12 }, (_, index) => total(`/few-${index}`, 1));
  const by_folder = [...few, total('/many', 9)];
  ipc.dashboard.mockResolvedValue({ stats: { by_folder } } as Dashboard);
  await history.loadFolders();
  expect(history.folders).toHaveLength(10);
  expect(history.folders[0]).toBe('/many');
  await history.narrow({ folder: '/elsewhere' });
  expect(history.folders.slice(0, 2)).toEqual(['/elsewhere', '/many']);
  await history.narrow({ folder: '/many' });
  expect(history.folders).toHaveLength(10);
});

it('tells of a failure, and can be asked again', async () => {
  const { history, ipc, fail } = historyOf();
  ipc.history.mockRejectedValueOnce('The database is busy.');
  await history.reload();
  expect(fail).toHaveBeenCalledExactlyOnceWith('The database is busy.');
  await history.show(0, 5);
  expect(history.entry(0)?.id).toBe(250);
});
