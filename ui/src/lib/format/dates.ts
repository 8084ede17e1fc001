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

/** "Nov" from "2026-11". */
export function shortMonth(month: string): string {
  return SHORT_MONTH.format(new Date(`${month}-01T00:00:00Z`));
}

/** "November 2026" from "2026-11". */
export function longMonth(month: string): string {
  return LONG_MONTH.format(new Date(`${month}-01T00:00:00Z`));
}
