import { describe, expect, it } from 'vitest';
import { forecast } from './forecast';

const drag = { bytes: 48_000_000, more: false };
const account = { login: 'me', left: 212_000_000, waiting: 0 };
const plain = (text: string) => text.replace(/\s/g, ' ');

describe('the forecast of a drop', () => {
  it('tells what is taken of what is left', () => {
    const told = forecast(drag, account);
    expect(plain(told.text)).toBe('They go to the account me: about 48.0 MB of the 212 MB left.');
    expect(told.over).toBe(false);
  });

  it('counts what is on its way already, and what it has not counted', () => {
    const told = forecast({ ...drag, more: true }, { ...account, waiting: 170_000_000 });
    expect(plain(told.text)).toMatch(/more than 48\.0 MB, and only 42\.0 MB are left/);
    expect(told.over).toBe(true);
    expect(forecast(drag, { ...account, waiting: 300_000_000 }).text).toMatch(/only 0/);
  });

  it('knows plans without a limit', () => {
    const told = forecast(drag, { ...account, left: null });
    expect(plain(told.text)).toBe(
      'They go to the account me: about 48.0 MB. Its plan has no limit.',
    );
    expect(told.over).toBe(false);
  });
});
