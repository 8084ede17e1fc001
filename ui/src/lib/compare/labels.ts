import { bytes, quality } from '../format/numbers';
import { t } from '../messages';
import type { Candidate, Comparison } from '../state/compare.svelte';
import type { Level, Mode } from '../ipc/types';

/** "Original · 6.10 MB". */
export function originalLabel({ opened }: Comparison): string {
  if (!opened) return t('compare.original');
  const { input_bytes } = opened;
  return input_bytes === null
    ? t('compare.resized')
    : join(t('compare.original'), bytes(input_bytes));
}

/** "Level 65 · 1.74 MB · Score 88", or what is being made. */
export function resultLabel(comparison: Comparison): string {
  const { candidate, working, failed, mode, level, estimate } = comparison;
  if (failed !== null) return join(settingsLabel(mode, level), t('outcome.failed'));
  if (working || !candidate) {
    const about = estimate === null ? '' : t('compare.about', { bytes: bytes(estimate) });
    return join(settingsLabel(mode, level), about, t('compare.encoding'));
  }
  const label = settingsLabel(candidate.mode, candidate.level ?? level);
  if (!candidate.smaller) return join(label, t('compare.nothing_smaller'));
  return join(label, bytes(candidate.bytes), quality(candidate.score));
}

/** "Level 65", or the mode's name. */
export function settingsLabel(mode: Mode, level: Level): string {
  return mode === 'lossy' ? t('compare.level', { level }) : t(`mode.${mode}`);
}

/** Why this file was chosen, in one sentence. */
export function why({ mode, score, smaller }: Candidate): string {
  if (!smaller) return t('compare.why.none');
  if (mode === 'lossless' || score === 100) return t('compare.why.identical');
  return t(mode === 'lossy' ? 'compare.why.lossy' : 'compare.why.balanced');
}

function join(...parts: string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}
