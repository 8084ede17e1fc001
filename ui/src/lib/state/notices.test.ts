import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Notices } from './notices.svelte';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const texts = (notices: Notices) => notices.list.map(({ text }) => text);

it('an error stays until it is dismissed, whatever else is told', () => {
  const notices = new Notices();
  notices.error('The disk is full.');
  for (const n of [1, 2, 3, 4, 5]) notices.info(() => `${n}`);
  expect(texts(notices)).toEqual(['The disk is full.', '3', '4', '5']);
  vi.advanceTimersByTime(60_000);
  expect(texts(notices)).toEqual(['The disk is full.']);
  notices.dismiss(notices.list[0]?.id ?? 0);
  expect(texts(notices)).toEqual([]);
});

it('of nothing but errors the last few stay, until a newer one comes', () => {
  const notices = new Notices();
  for (const n of [1, 2, 3, 4, 5]) notices.error(`${n}`);
  expect(texts(notices)).toEqual(['2', '3', '4', '5']);
  notices.error('4');
  expect(texts(notices)).toEqual(['2', '3', '5', '4']);
  notices.info(() => 'new');
  notices.info(() => 'newer');
  expect(texts(notices)).toEqual(['2', '3', '5', '4', 'newer']);
  notices.error('6');
  expect(texts(notices)).toEqual(['3', '5', '4', '6']);
});
