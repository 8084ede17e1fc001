import { t } from '../messages';
import { perLanguage } from '../messages/language.svelte';

const formats = perLanguage((language) => {
  const format = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(language, options);
    return (date: Date) => made.format(date);
  };
  return {
    time: format({ hour: '2-digit', minute: '2-digit', hour12: false }),
    day: format({ day: 'numeric', month: 'short' }),
    dayAndYear: format({ day: 'numeric', month: 'short', year: 'numeric' }),
    full: format({ dateStyle: 'full', timeStyle: 'medium' }),
    shortMonth: format({ month: 'short', timeZone: 'UTC' }),
    shortDay: format({ day: 'numeric', timeZone: 'UTC' }),
    dayOfMonth: format({ day: 'numeric', month: 'short', timeZone: 'UTC' }),
    longDay: format({ dateStyle: 'long', timeZone: 'UTC' }),
    longMonth: format({ month: 'long', year: 'numeric', timeZone: 'UTC' }),
  };
});

/** "Today, 14:02", "Nov 3, 09:15", "Nov 3, 2025". */
export function when(iso: string, now = new Date()): string {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  if (date.toDateString() === now.toDateString())
    return t('date.today', { time: formats().time(date) });
  if (date.getFullYear() === now.getFullYear())
    return t('date.day', { day: formats().day(date), time: formats().time(date) });
  return formats().dayAndYear(date);
}

export function fullDate(iso: string): string {
  const date = new Date(iso);
  return Number.isNaN(date.getTime()) ? iso : formats().full(date);
}

/** What a date of the chart is: "2026-11-24", "2026-11" or "2026". */
export function spanOf(date: string): 'day' | 'month' | 'year' {
  if (date.length > 7) return 'day';
  return date.length > 4 ? 'month' : 'year';
}

/** "24", "Nov" or "2026": for the foot of a column. With the month a day is "Nov 24". */
export function shortSpan(date: string, month = false): string {
  const span = spanOf(date);
  if (span === 'year') return date;
  const day = month ? 'dayOfMonth' : 'shortDay';
  return formats()[span === 'day' ? day : 'shortMonth'](new Date(date));
}

/** "November 24, 2026", "November 2026" or "2026". */
export function longSpan(date: string): string {
  const span = spanOf(date);
  if (span === 'year') return date;
  return formats()[span === 'day' ? 'longDay' : 'longMonth'](new Date(date));
}
