import { locale, t } from '../messages';

const TIME = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hour12: false });
const DAY = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
const DAY_AND_YEAR = new Intl.DateTimeFormat(locale, {
  day: 'numeric',
  month: 'short',
  year: 'numeric',
});
const FULL = new Intl.DateTimeFormat(locale, { dateStyle: 'full', timeStyle: 'medium' });
const SHORT_MONTH = new Intl.DateTimeFormat(locale, { month: 'short', timeZone: 'UTC' });
const SHORT_DAY = new Intl.DateTimeFormat(locale, { day: 'numeric', timeZone: 'UTC' });
const LONG_DAY = new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeZone: 'UTC' });
const LONG_MONTH = new Intl.DateTimeFormat(locale, {
  month: 'long',
  year: 'numeric',
  timeZone: 'UTC',
});

/** "Today, 14:02", "Nov 3, 09:15", "Nov 3, 2025". */
export function when(iso: string, now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  if (date.toDateString() === now.toDateString())
    return t('date.today', { time: TIME.format(date) });
  if (date.getFullYear() === now.getFullYear())
    return t('date.day', { day: DAY.format(date), time: TIME.format(date) });
  return DAY_AND_YEAR.format(date);
}

export function fullDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : FULL.format(date);
}

/** What a date of the chart is: "2026-11-24", "2026-11" or "2026". */
export function spanOf(date: string): 'day' | 'month' | 'year' {
  if (date.length > 7) return 'day';
  return date.length > 4 ? 'month' : 'year';
}

/** "24", "Nov" or "2026": for the foot of a column. */
export function shortSpan(date: string): string {
  const span = spanOf(date);
  if (span === 'year') return date;
  return (span === 'day' ? SHORT_DAY : SHORT_MONTH).format(new Date(date));
}

/** "November 24, 2026", "November 2026" or "2026". */
export function longSpan(date: string): string {
  const span = spanOf(date);
  if (span === 'year') return date;
  return (span === 'day' ? LONG_DAY : LONG_MONTH).format(new Date(date));
}
