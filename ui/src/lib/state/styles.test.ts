import { describe, expect, it } from 'vitest';
import { checkStyle, draftOf, isSuffix, type StyleDraft } from './styles';

const draft = (rest: Partial<StyleDraft>): StyleDraft => ({
  name: 'thumb',
  strategy: 'fit',
  width: '320',
  height: '',
  ...rest,
});

describe('a resize style', () => {
  it('is made from what was typed', () => {
    expect(checkStyle(draft({ name: ' thumb ', height: ' 240 ' }), ['hero'])).toEqual({
      style: { name: 'thumb', strategy: 'fit', width: 320, height: 240 },
    });
  });

  it('comes back from its draft', () => {
    const style = { name: 'a', strategy: 'portrait', width: null, height: 9 } as const;
    expect(checkStyle(draftOf(style), [])).toEqual({ style });
  });

  it.each([
    ['', 'resize.error.name_missing'],
    ['a/b', 'resize.error.name_form'],
    ['.a', 'resize.error.name_form'],
    ['-a', 'resize.error.name_form'],
    ['größe', 'resize.error.name_form'],
    ['original', 'resize.error.name_original'],
    ['hero', 'resize.error.name_taken'],
    ['a'.repeat(65), 'resize.error.name_long'],
  ])('is not called “%s”', (name, error) => {
    expect(checkStyle(draft({ name }), ['hero'])).toEqual({ errors: { name: error } });
  });

  it.each(['a', '9', 'A_b.c-d', 'Original', 'a'.repeat(64)])('may be called “%s”', (name) => {
    expect(checkStyle(draft({ name }), ['hero'])).toHaveProperty('style');
  });

  it.each(['0', '16385', '-1', '1.5', '1e3', 'wide', '999999'])('is not %s wide', (width) => {
    expect(checkStyle(draft({ width }), [])).toEqual({ errors: { width: 'resize.error.length' } });
  });

  it.each(['1', '16384'])('may be %s wide', (width) => {
    expect(checkStyle(draft({ width }), [])).toHaveProperty('style');
  });

  it.each([
    ['crop', '', '', { width: 'resize.error.one_length' }],
    ['fit', '', '', { width: 'resize.error.one_length' }],
    ['auto', '', '', { width: 'resize.error.one_length' }],
    ['landscape', '', '5', { width: 'resize.error.width_needed' }],
    ['portrait', '5', '', { height: 'resize.error.height_needed' }],
    ['exact', '5', '', { height: 'resize.error.height_needed' }],
    ['exact', '', '5', { width: 'resize.error.width_needed' }],
  ] as const)('with %s needs its lengths (%s × %s)', (strategy, width, height, errors) => {
    expect(checkStyle(draft({ strategy, width, height }), [])).toEqual({ errors });
  });

  it.each([
    ['crop', '', '5'],
    ['fit', '5', ''],
    ['landscape', '5', ''],
    ['portrait', '', '5'],
    ['exact', '5', '5'],
  ] as const)('with %s is content with %s × %s', (strategy, width, height) => {
    expect(checkStyle(draft({ strategy, width, height }), [])).toHaveProperty('style');
  });
});

it('a suffix is short and safe in a file name', () => {
  expect(['min', 'web-2', 'a_b'].every(isSuffix)).toBe(true);
  expect(['', '.min', 'a/b', 'a b', 'ä', 'x'.repeat(33)].some(isSuffix)).toBe(false);
});
