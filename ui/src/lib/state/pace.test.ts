import { expect, it } from 'vitest';
import { Pace } from './pace';

function paceAt() {
  const clock = { now: 1000 };
  const pace = new Pace(() => clock.now);
  pace.start();
  return { clock, pace };
}

it('waits until it can tell', () => {
  const { clock, pace } = paceAt();
  clock.now += 1000;
  expect(pace.left(50, 100)).toBeNull();
  clock.now += 60_000;
  expect(pace.left(1, 100)).toBeNull();
  expect(pace.left(0, 0)).toBeNull();
});

it('takes the pace until now for the rest', () => {
  const { clock, pace } = paceAt();
  clock.now += 20_000;
  expect(pace.left(25, 100)).toBeCloseTo(60);
  expect(pace.left(100, 100)).toBe(0);
});

it('does not count pauses', () => {
  const { clock, pace } = paceAt();
  clock.now += 10_000;
  pace.hold();
  clock.now += 500_000;
  expect(pace.left(50, 100)).toBeCloseTo(10);
  pace.resume();
  clock.now += 10_000;
  expect(pace.left(50, 100)).toBeCloseTo(20);
});

it('begins anew', () => {
  const { clock, pace } = paceAt();
  clock.now += 100_000;
  pace.start();
  clock.now += 4000;
  expect(pace.left(50, 100)).toBeCloseTo(4);
});
