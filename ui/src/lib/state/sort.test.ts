import { expect, it, vi } from 'vitest';
import { finished, quietCommands, queued } from '../../test/samples';
import { Queue } from './queue.svelte';
import { nextSort } from './sort';

const order = (queue: Queue) => queue.lines.map(({ job }) => job);

function three() {
  const queue = new Queue(quietCommands());
  queue.apply([
    queued([1, 2, 10, 4]),
    finished(1, { output_bytes: 500_000, score: 90 }),
    finished(2, { output_bytes: 100_000, score: 80 }),
    finished(10, { output_bytes: 300_000, score: 85 }),
  ]);
  return queue;
}

it('goes up, down, and back to the order in which images came', () => {
  const up = nextSort(null, 'name');
  expect(up).toEqual({ by: 'name', descending: false });
  const down = nextSort(up, 'name');
  expect(down).toEqual({ by: 'name', descending: true });
  expect(nextSort(down, 'name')).toBeNull();
  expect(nextSort(down, 'saved')).toEqual({ by: 'saved', descending: true });
});

it('sorts names as people count, and sizes by what is known', () => {
  const queue = three();
  queue.sortBy('name');
  expect(order(queue)).toEqual([1, 2, 4, 10]);
  queue.sortBy('saved');
  expect(order(queue)).toEqual([2, 10, 1, 4]);
  queue.sortBy('saved');
  expect(order(queue)).toEqual([1, 10, 2, 4]);
  queue.sortBy('saved');
  expect(order(queue)).toEqual([1, 2, 10, 4]);
});

it('moves a row to its place when it ends', () => {
  const queue = three();
  queue.sortBy('quality');
  expect(order(queue)).toEqual([1, 10, 2, 4]);
  queue.apply([finished(4, { score: 99 })]);
  expect(order(queue)).toEqual([4, 1, 10, 2]);
});

it('sorts now and then while work goes on, and at once when it is chosen or the work has ended', () => {
  vi.useFakeTimers();
  try {
    const queue = three();
    queue.sortBy('quality');
    const ended = (id: number, score: number) => queue.apply([finished(id, { score })]);
    queue.apply([queued([5, 6])]);
    // New rows are there at once, even where their place is not known yet.
    expect(order(queue)).toEqual([1, 10, 2, 4, 5, 6]);
    ended(5, 99);
    ended(6, 98);
    expect(order(queue)).toEqual([1, 10, 2, 4, 5, 6]);
    vi.advanceTimersByTime(500);
    expect(order(queue)).toEqual([5, 6, 1, 10, 2, 4]);
    // What is gone is gone.
    void queue.remove([6]);
    expect(order(queue)).toEqual([5, 1, 10, 2, 4]);
    ended(4, 97);
    expect(order(queue)).toEqual([5, 4, 1, 10, 2]);
    queue.apply([queued([7, 8])]);
    ended(7, 96);
    queue.sortBy('original');
    queue.sortBy('quality');
    expect(order(queue)).toEqual([5, 4, 7, 1, 10, 2, 8]);
    queue.sortBy('quality');
    queue.sortBy('quality');
    ended(8, 100);
    vi.advanceTimersByTime(5000);
    expect(order(queue)).toEqual([1, 2, 10, 4, 5, 7, 8]);
  } finally {
    vi.useRealTimers();
  }
});

it('does not compare names again because images end', () => {
  const compare = vi.spyOn(Intl.Collator.prototype, 'compare', 'get');
  const queue = three();
  queue.sortBy('name');
  const once = compare.mock.calls.length;
  expect(once).toBeGreaterThan(0);
  queue.apply([finished(4, { score: 99 })]);
  expect(compare).toHaveBeenCalledTimes(once);
  expect(order(queue)).toEqual([1, 2, 4, 10]);
  queue.apply([queued([3])]);
  queue.apply([finished(3)]);
  expect(order(queue)).toEqual([1, 2, 3, 4, 10]);
});
