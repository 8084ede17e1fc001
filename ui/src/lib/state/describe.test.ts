import { expect, it } from 'vitest';
import type { Report } from '../ipc/types';
import { finished, queued } from '../../test/samples';
import { describeChild, describeRow } from './describe';
import { Queue } from './queue.svelte';
import { totalsDetails, totalsHeadline } from './summary';

function rowWith(rest?: Partial<Report>) {
  const queue = new Queue();
  queue.apply([queued([1]), ...(rest ? [finished(1, rest)] : [])]);
  const row = queue.row(1);
  if (!row) throw new Error('the row is missing');
  return row;
}

it('says what a name promises until the content is known', () => {
  expect(describeRow(rowWith())).toBe('PNG · waiting');
});

it('says what is special about an image', () => {
  const row = rowWith({
    format: 'gif',
    width: 728,
    height: 90,
    frames: 48,
    notes: ['Display P3 kept'],
    removed: ['GPS position', 'comment'],
  });
  expect(describeRow(row)).toBe(
    'GIF · 728×90 · 48 frames · Display P3 kept · removed: GPS position, comment',
  );
});

it('is neutral about what was optimal before', () => {
  const row = rowWith({ outcome: 'already_optimal', format: 'jpeg' });
  expect(describeRow(row)).toBe('JPEG · already optimal, original kept');
});

it('gives the reason of a failure and says that the original is untouched', () => {
  const row = rowWith({ outcome: 'failed', message: 'The file is empty.' });
  expect(describeRow(row)).toBe('The file is empty. Original untouched.');
});

it('names a derivative by its style', () => {
  const row = rowWith({ format: 'png' });
  const derivative = {
    style: 'thumb',
    strategy: 'fit',
    width: 1,
    height: 1,
    output: null,
    bytes: 1,
    score: null,
  } as const;
  expect(describeChild(derivative, row)).toBe('PNG · resize style “thumb” · fit');
});

it('sums up in a few words', () => {
  const queue = new Queue();
  queue.apply([
    queued([1, 2, 3, 4]),
    finished(1),
    finished(2, { outcome: 'already_optimal', output_bytes: 1_000_000 }),
    finished(3, { outcome: 'failed', output_bytes: null }),
  ]);
  expect(totalsHeadline(queue.totals, false)).toBe('600\u00a0KB saved');
  expect(totalsDetails(queue.totals)).toEqual([
    '30.0\u00a0% smaller',
    '3 of 4',
    '1 already optimal',
    '1 failed',
  ]);
});

it('has words for the time before anything is saved', () => {
  const queue = new Queue();
  queue.apply([queued([1])]);
  expect(totalsHeadline(queue.totals, false)).toBe('Optimizing…');
  expect(totalsHeadline(queue.totals, true)).toBe('Paused');
  queue.apply([finished(1, { outcome: 'already_optimal', output_bytes: 1_000_000 })]);
  expect(totalsHeadline(queue.totals, false)).toBe('Nothing saved');
});
