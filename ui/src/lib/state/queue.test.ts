import { describe, expect, it, vi } from 'vitest';
import type { Event } from '../ipc/types';
import { appeared, ended, finished, queued, quietCommands, replaced } from '../../test/samples';
import { Pace } from './pace';
import { Queue } from './queue.svelte';

function queueWith(...events: Event[]) {
  const ipc = quietCommands();
  const settings = { key: 'balanced' };
  const clock = { now: 0 };
  const queue = new Queue(ipc, () => settings.key, new Pace(() => clock.now));
  queue.apply(events);
  return { queue, ipc, settings, clock };
}

describe('rows', () => {
  it('appear as soon as they are queued, in order', () => {
    const { queue } = queueWith(queued([3, 1]), queued([2]));
    expect(queue.lines.map(({ job }) => job)).toEqual([3, 1, 2]);
    expect(queue.row(3)).toMatchObject({ status: 'queued', inputBytes: 1_000_000 });
  });

  it('go from queued over working to their outcome', () => {
    const { queue } = queueWith(queued([1]));
    queue.apply([{ type: 'started', job: 1 }]);
    expect(queue.row(1)?.status).toBe('working');
    queue.apply([{ type: 'progress', job: 1, done: 0.5 }]);
    expect(queue.row(1)?.done).toBe(0.5);
    queue.apply([finished(1)]);
    expect(queue.row(1)).toMatchObject({ status: 'optimized', done: 1, history: 101 });
  });

  it('never go back for late news', () => {
    const { queue } = queueWith(queued([1]), { type: 'progress', job: 1, done: 0.6 });
    queue.apply([{ type: 'progress', job: 1, done: 0.4 }]);
    expect(queue.row(1)?.done).toBe(0.6);
    queue.apply([
      finished(1),
      { type: 'progress', job: 1, done: 0.9 },
      { type: 'started', job: 1 },
    ]);
    expect(queue.row(1)?.status).toBe('optimized');
  });

  it('take in what came before they were queued', () => {
    const { queue } = queueWith({ type: 'started', job: 7 }, finished(7), queued([7]));
    expect(queue.row(7)?.status).toBe('optimized');
    expect(queue.totals.savedBytes).toBe(600_000);
  });

  it('end up the same when history is told twice', () => {
    const events = [queued([1, 2]), finished(1), finished(2)];
    const { queue } = queueWith(...events, ...events);
    expect(queue.lines).toHaveLength(2);
    expect(queue.totals).toMatchObject({ rows: 2, active: 0, savedBytes: 1_200_000 });
  });

  it('have their derivatives below them', () => {
    const derivative = {
      style: 'thumb',
      strategy: 'fit',
      width: 10,
      height: 5,
      output: null,
      bytes: 9,
      score: 90,
    } as const;
    const { queue } = queueWith(
      queued([1, 2]),
      finished(1, { derivatives: [derivative, { ...derivative, style: 'hero' }] }),
    );
    expect(queue.lines).toEqual([
      { job: 1, child: -1 },
      { job: 1, child: 0 },
      { job: 1, child: 1 },
      { job: 2, child: -1 },
    ]);
    // Until it is done again, they are of no worth.
    queue.apply([queued([1])]);
    expect(queue.lines).toHaveLength(2);
  });

  it('show an original that was put back', () => {
    const { queue } = queueWith(queued([1, 2]), replaced(1), replaced(2));
    queue.apply([{ type: 'reverted', history: 101 }]);
    expect(queue.row(1)?.reverted).toBe(true);
    expect(queue.totals).toMatchObject({ reverted: 1, revertible: 1, savedBytes: 600_000 });
  });

  it('ignore what was reverted elsewhere', () => {
    const { queue } = queueWith(queued([1]), finished(1), { type: 'reverted', history: 9999 });
    expect(queue.row(1)?.reverted).toBe(false);
  });
});

describe('totals', () => {
  it('count every outcome, and savings over what has a result', () => {
    const { queue } = queueWith(
      queued([1, 2, 3, 4, 5, 6]),
      finished(1),
      finished(2, { outcome: 'already_optimal', output_bytes: 1_000_000 }),
      finished(3, { outcome: 'failed', output_bytes: null }),
      finished(4, { outcome: 'skipped', output_bytes: null }),
      finished(5, { outcome: 'cancelled', output_bytes: null }),
    );
    expect(queue.totals).toMatchObject({
      rows: 6,
      active: 1,
      runRows: 6,
      runEnded: 5,
      optimized: 1,
      alreadyOptimal: 1,
      failed: 1,
      skipped: 1,
      cancelled: 1,
      savedBytes: 600_000,
      savedShare: 0.3,
    });
  });

  it('take partial progress into account', () => {
    const { queue } = queueWith(queued([1, 2]), finished(1), {
      type: 'progress',
      job: 2,
      done: 0.5,
    });
    expect(queue.totals.progress).toBeCloseTo(0.75);
  });

  it('begin a new run when everything had ended', () => {
    const { queue } = queueWith(queued([1, 2]), finished(1), finished(2));
    queue.apply([queued([3], 'b2')]);
    expect(queue.totals).toMatchObject({ runRows: 1, runEnded: 0, progress: 0, rows: 3 });
    // What joins while it lasts belongs to it.
    queue.apply([queued([4], 'b3'), finished(3)]);
    expect(queue.totals).toMatchObject({ runRows: 2, runEnded: 1 });
  });

  it('tell the time left once the pace is known, and not while idle', () => {
    const { queue, clock } = queueWith(queued([1, 2, 3, 4]));
    expect(queue.totals.timeLeft).toBeNull();
    clock.now = 10_000;
    queue.apply([finished(1)]);
    expect(queue.totals.timeLeft).toBeCloseTo(30);
    queue.apply([finished(2), finished(3), finished(4)]);
    expect(queue.totals.timeLeft).toBeNull();
  });

  it('come back to nothing when all rows are gone', async () => {
    const { queue } = queueWith(queued([1, 2]), finished(1), { type: 'started', job: 2 });
    await queue.clear();
    expect(queue.isEmpty).toBe(true);
    expect(queue.totals).toMatchObject({
      rows: 0,
      active: 0,
      savedBytes: 0,
      progress: 0,
      stale: 0,
    });
  });
});

describe('stale results', () => {
  it('are those made with other settings, until the settings are back', () => {
    const { queue, settings } = queueWith(queued([1, 2]), finished(1));
    expect(queue.staleIds()).toEqual([]);
    settings.key = 'lossy';
    expect(queue.staleIds()).toEqual([1]);
    queue.apply([finished(2)]);
    expect(queue.totals.stale).toBe(2);
    settings.key = 'balanced';
    queue.apply([{ type: 'batch_finished', batch: 'b1' }]);
    expect(queue.totals.stale).toBe(0);
  });

  it('are judged by the settings at the beginning of their batch', () => {
    const { queue, settings } = queueWith(queued([1]));
    settings.key = 'lossy';
    queue.apply([queued([2]), queued([3], 'b2'), finished(1), finished(2), finished(3)]);
    expect(queue.staleIds()).toEqual([1, 2]);
  });

  it('are fresh again after another run', () => {
    const { queue, settings } = queueWith(queued([1]), finished(1));
    settings.key = 'lossy';
    queue.apply([queued([1], 'again'), finished(1)]);
    expect(queue.staleIds()).toEqual([]);
  });

  it('are none that follow a folder, a choice of their own, or an earlier run', () => {
    const { queue, settings } = queueWith(
      appeared([1]),
      queued([2], 'b2', 9, { by_settings: false }),
      finished(1),
      finished(2),
    );
    settings.key = 'lossy';
    expect(queue.staleIds()).toEqual([]);
    expect(queue.totals.stale).toBe(0);
    expect(queue.followingIds()).toEqual([2]);
  });

  it('stay so when another run is cancelled before it began', () => {
    const { queue, settings } = queueWith(queued([1]), replaced(1), ended());
    const before = queue.row(1);
    settings.key = 'lossy';
    queue.apply([queued([1], 'again')]);
    expect(queue.totals).toMatchObject({ active: 1, revertible: 0 });
    queue.apply([{ ...replaced(1), as_before: true } as Event, ended('again')]);
    expect(queue.row(1)).toEqual(before);
    expect(queue.staleIds()).toEqual([1]);
    expect(queue.totals).toMatchObject({ active: 0, revertible: 1 });
    expect(queue.lastRevertibleIds()).toEqual([1]);
    // Nothing came of that batch, so there is nothing to tell.
    expect(queue.totalsOf('again')).toBeNull();
  });

  it('do not include what failed or was put back', () => {
    const { queue, settings } = queueWith(
      queued([1, 2]),
      finished(1, { outcome: 'failed', output_bytes: null }),
      replaced(2),
      { type: 'reverted', history: 102 },
    );
    settings.key = 'lossy';
    expect(queue.staleIds()).toEqual([]);
    expect(queue.runAgainIds()).toEqual([1]);
  });
});

it('forgets what was removed, once nothing can be told of it any more', async () => {
  vi.useFakeTimers();
  try {
    const { queue } = queueWith(queued([1, 2]), finished(2));
    await queue.remove([1, 2]);
    vi.advanceTimersByTime(60_000);
    queue.apply([finished(1), queued([1, 2])]);
    expect(queue.lines).toEqual([]);
    vi.advanceTimersByTime(600_000);
    queue.apply([queued([1])]);
    expect(queue.row(1)?.status).toBe('queued');
  } finally {
    vi.useRealTimers();
  }
});

describe('verbs', () => {
  it('remove rows, stop their work, and do not take them back', async () => {
    const { queue, ipc } = queueWith(queued([1, 2, 3]), finished(1), { type: 'started', job: 2 });
    queue.select([2]);
    await queue.remove([1, 2]);
    expect(ipc.cancel).toHaveBeenCalledExactlyOnceWith([2]);
    expect(ipc.forget).toHaveBeenCalledExactlyOnceWith([1, 2]);
    queue.apply([finished(2, { outcome: 'cancelled' }), queued([2])]);
    expect(queue.lines.map(({ job }) => job)).toEqual([3]);
    expect(queue.selected.size).toBe(0);
  });

  it('leave the table when the shell has released them', () => {
    const { queue } = queueWith(queued([1, 2]), finished(1), { type: 'released', jobs: [1] });
    expect(queue.lines.map(({ job }) => job)).toEqual([2]);
    expect(queue.totals.rows).toBe(1);
  });

  it('never cancel everything by way of an empty list', async () => {
    const { queue, ipc } = queueWith(queued([1, 2]), finished(1));
    await queue.remove([1]);
    await queue.remove([99]);
    expect(ipc.cancel).not.toHaveBeenCalled();
  });

  it('go on after a cancel, even when paused', async () => {
    const { queue, ipc } = queueWith(queued([1]));
    await queue.setPaused(true);
    await queue.cancelAll();
    expect(ipc.cancel).toHaveBeenCalledExactlyOnceWith([]);
    expect(ipc.setPaused).toHaveBeenLastCalledWith(false);
    expect(queue.paused).toBe(false);
  });

  it('do not retry what is still being worked on', async () => {
    const { queue, ipc } = queueWith(queued([1, 2]), finished(1));
    await queue.retry([1, 2]);
    expect(ipc.retry).toHaveBeenCalledExactlyOnceWith([1]);
    await queue.retry([2]);
    expect(ipc.retry).toHaveBeenCalledTimes(1);
  });

  it('undo the last batch that replaced originals', () => {
    const { queue } = queueWith(
      queued([1, 2], 'b1'),
      queued([3, 4], 'b2'),
      queued([5], 'b3'),
      replaced(1),
      replaced(2),
      replaced(3),
      finished(4),
      finished(5),
      ended('b1'),
      ended('b2'),
      ended('b3'),
    );
    expect(queue.lastRevertibleIds()).toEqual([3]);
    expect(queue.revertibleIds()).toEqual([1, 2, 3]);
    expect(queue.replacements([3, 4])).toMatchObject([{ history: 103 }]);
    queue.apply([{ type: 'reverted', history: 103 }]);
    expect(queue.lastRevertibleIds()).toEqual([1, 2]);
  });

  it('undo the batch that ended last, whatever was added last', () => {
    const { queue } = queueWith(
      queued([1], 'b1'),
      queued([2, 3], 'b2'),
      replaced(2),
      replaced(3),
      ended('b2'),
      replaced(1),
    );
    // One that is not done yet is none to be taken back.
    expect(queue.lastRevertibleIds()).toEqual([2, 3]);
    queue.apply([ended('b1')]);
    expect(queue.lastRevertibleIds()).toEqual([1]);
    // What is run again is a batch of its own.
    queue.apply([queued([3], 'again'), replaced(3), ended('again')]);
    expect(queue.lastRevertibleIds()).toEqual([3]);
    // Nobody means what a watched folder brought since.
    queue.apply([appeared([9]), replaced(9), ended('w1')]);
    expect(queue.lastRevertibleIds()).toEqual([3]);
    expect(queue.revertibleIds()).toContain(9);
  });

  it('undo a batch whose last image has ended, before its end is heard', () => {
    const expanded: Event = { type: 'expanded', batch: 'b1', jobs: 2 };
    const { queue } = queueWith(queued([1, 2], 'b1'), replaced(1), replaced(2));
    // More images may come.
    expect(queue.lastRevertibleIds()).toEqual([]);
    queue.apply([expanded]);
    expect(queue.lastRevertibleIds()).toEqual([1, 2]);
    queue.apply([ended('b1'), queued([3, 4], 'b2'), { ...expanded, batch: 'b2' }, replaced(3)]);
    expect(queue.lastRevertibleIds()).toEqual([1, 2]);
    queue.apply([replaced(4)]);
    expect(queue.lastRevertibleIds()).toEqual([3, 4]);
  });

  it('keep no batch to which no image belongs any more', async () => {
    const { queue } = queueWith(queued([1], 'b0'), replaced(1), ended('b0'));
    for (let n = 1; n <= 50; n += 1)
      queue.apply([queued([1], `b${n}`), replaced(1), ended(`b${n}`)]);
    expect(queue.batchCount).toBe(1);
    expect(queue.lastRevertibleIds()).toEqual([1]);
    // One that may be gone back to is kept.
    queue.apply([queued([1], 'again'), queued([2], 'other'), finished(2), ended('other')]);
    expect(queue.batchCount).toBe(3);
    await queue.remove([2]);
    queue.apply([queued([3], 'more'), finished(3), ended('more')]);
    expect(queue.batchCount).toBe(3);
  });

  it('stop only what was added, and stay paused while a watched folder waits', async () => {
    const { queue, ipc } = queueWith(appeared([1]));
    expect(queue.totals).toMatchObject({ active: 1, cancellable: 0 });
    queue.apply([queued([2])]);
    expect(queue.totals.cancellable).toBe(1);
    await queue.setPaused(true);
    await queue.cancelAll();
    expect(ipc.setPaused).toHaveBeenCalledExactlyOnceWith(true);
    expect(queue.paused).toBe(true);
  });

  it('run the selected rows again, or else what needs it', () => {
    const { queue } = queueWith(
      queued([1, 2, 3]),
      finished(1),
      finished(2, { outcome: 'cancelled', output_bytes: null }),
    );
    expect(queue.runAgainIds()).toEqual([2]);
    queue.select([1, 3]);
    expect(queue.runAgainIds()).toEqual([1]);
  });
});

it('ten thousand rows cost a number of steps in proportion', () => {
  const { queue } = queueWith();
  const ids = Array.from({ length: 10_000 }, (_, index) => index + 1);
  let looked = 0;
  const original = Map.prototype.get;
  Map.prototype.get = function (key) {
    looked += 1;
    return original.call(this, key);
  };
  try {
    queue.apply([queued(ids)]);
    queue.apply(ids.map((id) => replaced(id)));
    queue.apply(ids.map((id) => ({ type: 'reverted', history: 100 + id })));
  } finally {
    Map.prototype.get = original;
  }
  expect(queue.totals).toMatchObject({ rows: 10_000, reverted: 10_000 });
  expect(looked).toBeLessThan(40 * ids.length);
});
