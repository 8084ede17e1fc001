import { t } from '../messages';
import { perLanguage } from '../messages/language.svelte';

const formats = perLanguage((language) => {
  const format = (options: Intl.NumberFormatOptions) => {
    const made = new Intl.NumberFormat(language, options);
    return (n: number) => made.format(n);
  };
  return {
    threeDigits: format({ minimumSignificantDigits: 3, maximumSignificantDigits: 3 }),
    whole: format({ maximumFractionDigits: 0 }),
    upToOneDecimal: format({ maximumFractionDigits: 1 }),
    oneDecimal: format({ minimumFractionDigits: 1, maximumFractionDigits: 1 }),
  };
});

const UNITS = ['unit.bytes', 'unit.kb', 'unit.mb', 'unit.gb', 'unit.tb'] as const;

/** "84.1 KB": decimal units, three significant digits. */
export function bytes(size: number): string {
  if (size < 1000) return t('unit.bytes', { n: formats().whole(size) });
  // What rounds up to 1000 belongs to the next unit.
  let unit = 0;
  let value = size;
  while (Number(value.toPrecision(3)) >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return t(UNITS[unit] ?? 'unit.tb', { n: formats().threeDigits(value) });
}

/** "300 MB": for an axis or a choice, whose values are round; 0 carries the unit of the others. */
export function axisBytes(size: number, largest: number): string {
  const unit = Math.min(Math.floor(Math.log10(Math.max(largest, 1)) / 3), UNITS.length - 1);
  return t(UNITS[unit] ?? 'unit.tb', { n: formats().upToOneDecimal(size / 1000 ** unit) });
}

/** "62.3 %". */
export function percent(fraction: number): string {
  return t('unit.percent', { n: formats().oneDecimal(fraction * 100) });
}

/** "100 %". */
export function wholePercent(fraction: number): string {
  const { upToOneDecimal, whole } = formats();
  return t('unit.percent', { n: (fraction < 0.1 ? upToOneDecimal : whole)(fraction * 100) });
}

/** "−72.8 %" for what was saved; "0 %" when nothing was. */
export function savedPercent(before: number, after: number): string {
  const tenths = before > 0 ? Math.round(((before - after) / before) * 1000) : 0;
  if (tenths === 0 && after >= before) return t('unit.percent', { n: '0' });
  if (tenths === 0) return t('unit.less', { n: formats().oneDecimal(0.1) });
  const digits = formats().oneDecimal(Math.abs(tenths) / 10);
  return t('unit.percent', { n: `${tenths > 0 ? '−' : '+'}${digits}` });
}

/** "18,204". */
export function count(n: number): string {
  return formats().whole(n);
}

/** "Score 86", or "Identical" when not a bit of difference is left. */
export function quality(score: number | null): string {
  if (score === null) return '';
  if (score >= 100) return t('quality.identical');
  // 99.6 is not identical, and must not read as if it were.
  return t('quality.score', { score: Math.min(Math.round(score), 99) });
}

export function meanScore(score: number): string {
  return formats().oneDecimal(score);
}

/** "about 2 min left". */
export function timeLeft(seconds: number): string {
  if (seconds < 10) return t('time.moments');
  if (seconds < 55) return t('time.seconds', { n: Math.ceil(seconds / 5) * 5 });
  if (seconds < 55 * 60) return t('time.minutes', { n: Math.max(Math.round(seconds / 60), 1) });
  return t('time.hours', { n: formats().upToOneDecimal(seconds / 3600) });
}

export function dimensions(width: number, height: number): string {
  return `${width}×${height}`;
}
