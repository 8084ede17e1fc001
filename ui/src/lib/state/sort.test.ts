import { expect, it } from 'vitest';
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
