import type { PlainKey } from '../messages';
import type { ResizeStyle, Strategy } from '../ipc/types';

/** In the order in which they are offered, which is Rust's. */
export const STRATEGIES: readonly Strategy[] = [
  'crop',
  'fit',
  'auto',
  'landscape',
  'portrait',
  'exact',
];

/** What stands in the form: lengths are text until they are checked. */
export interface StyleDraft {
  name: string;
  strategy: Strategy;
  width: string;
  height: string;
}

export interface StyleErrors {
  name?: PlainKey;
  width?: PlainKey;
  height?: PlainKey;
}

/** The same rules as `ResizeStyle::validated` in Rust, told field by field. */
export function checkStyle(
  draft: StyleDraft,
  taken: readonly string[],
): { style: ResizeStyle } | { errors: StyleErrors } {
  const errors: StyleErrors = {};
  const name = draft.name.trim();
  const nameError = checkName(name, taken);
  if (nameError) errors.name = nameError;

  const width = length(draft.width);
  const height = length(draft.height);
  if (Number.isNaN(width)) errors.width = 'resize.error.length';
  if (Number.isNaN(height)) errors.height = 'resize.error.length';
  switch (draft.strategy) {
    case 'crop':
    case 'fit':
    case 'auto':
      if (width === null && height === null) errors.width ??= 'resize.error.one_length';
      break;
    case 'landscape':
      if (width === null) errors.width ??= 'resize.error.width_needed';
      break;
    case 'portrait':
      if (height === null) errors.height ??= 'resize.error.height_needed';
      break;
    case 'exact':
      if (width === null) errors.width ??= 'resize.error.width_needed';
      if (height === null) errors.height ??= 'resize.error.height_needed';
      break;
  }
  if (Object.keys(errors).length > 0) return { errors };
  return { style: { name, strategy: draft.strategy, width, height } };
}

function checkName(name: string, taken: readonly string[]): PlainKey | null {
  if (name === '') return 'resize.error.name_missing';
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(name)) return 'resize.error.name_form';
  if (name.length > 64) return 'resize.error.name_long';
  if (name === 'original') return 'resize.error.name_original';
  if (taken.includes(name)) return 'resize.error.name_taken';
  return null;
}

/** null when nothing is given, NaN when it is no length. */
export function length(text: string): number | null {
  const digits = text.trim();
  if (digits === '') return null;
  const pixels = /^\d{1,5}$/.test(digits) ? Number(digits) : Number.NaN;
  return pixels >= 1 && pixels <= 16384 ? pixels : Number.NaN;
}

export function draftOf(style: ResizeStyle): StyleDraft {
  return {
    name: style.name,
    strategy: style.strategy,
    width: style.width?.toString() ?? '',
    height: style.height?.toString() ?? '',
  };
}

/** Whether results may carry it in their names. */
export function isSuffix(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,32}$/.test(text);
}
