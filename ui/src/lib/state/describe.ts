import type { DerivativeReport } from '../ipc/types';
import { dimensions } from '../format/numbers';
import { formatFromName, formatLabel } from '../format/paths';
import { t, type Key } from '../messages';
import { reason, said } from '../messages/said';
import type { Row } from './rows';

/** Whether a row's second line is a reason that the user should read. */
export function isTrouble(row: Row): boolean {
  return row.status === 'failed';
}

/** Why there is no result; whole, where its row has no room for it. */
export function describeTrouble(row: Row): string {
  return reason(row.report) ?? t('row.failed_unsaid');
}

/** The second line of a row: "JPEG · 4000×2667 · Display P3 kept", or why there is no result. */
export function describeRow(row: Row): string {
  const { report } = row;
  switch (row.status) {
    case 'failed':
      return `${describeTrouble(row)} ${t('row.untouched')}`;
    case 'skipped':
      return reason(report) ?? t('row.skipped_unsaid');
    case 'cancelled':
      return t('row.cancelled_detail');
  }
  const format = report?.format ?? formatFromName(row.path);
  const parts = format ? [formatLabel(format)] : [];
  if (report?.width && report.height) parts.push(dimensions(report.width, report.height));
  if (report?.frames && report.frames > 1) parts.push(t('row.frames', { count: report.frames }));
  if (row.status === 'queued') parts.push(t(row.held ? 'row.held' : 'row.waiting'));
  if (row.status === 'working') parts.push(t('row.working'));
  if (row.reverted) parts.push(t('row.reverted'));
  else if (row.status === 'already_optimal') parts.push(t('row.already_optimal'));
  parts.push(...(report?.notes ?? []).map(said));
  if (report && report.removed.length > 0)
    parts.push(t('row.removed', { what: report.removed.map(said).join(', ') }));
  return parts.join(' · ');
}

/** The second line of a derivative: "PNG · resize style “thumb” · fit". */
export function describeChild(derivative: DerivativeReport, row: Row): string {
  const strategy = t(`strategy.${derivative.strategy}.word` satisfies Key);
  const parts = [t('row.child_detail', { style: derivative.style, strategy })];
  if (row.report?.format) parts.unshift(formatLabel(row.report.format));
  return parts.join(' · ');
}
