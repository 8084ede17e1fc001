import { axisBytes } from '../format/numbers';
import { fileName } from '../format/paths';
import type { Output, Settings, WatchRules } from '../ipc/types';
import { t } from '../messages';

/** What a new folder begins with: the settings of now. */
export function rulesFrom(settings: Settings): WatchRules {
  const { mode, level, styles, output, metadata, effort, via, min_saving, keep_times } = settings;
  return {
    ...{ mode, level, styles, output, metadata, effort, via, min_saving, keep_times },
    recursive: true,
    include: [],
    exclude: [],
    min_bytes: 0,
    paused: false,
  };
}

/** What a preset or a rule makes of an image, in a few words. */
export function describeRecipe(
  recipe: Pick<WatchRules, 'mode' | 'level' | 'styles' | 'output'>,
): string {
  const { mode, level, styles, output } = recipe;
  const parts = [
    mode === 'lossy' ? t('watched.lossy', { level }) : t(`mode.${mode}`),
    styles.length > 0 &&
      t('watched.styles', {
        count: styles.length,
        names: styles.map(({ name }) => `“${name}”`).join(', '),
      }),
    describeOutput(output),
  ];
  return parts.filter(Boolean).join(' · ');
}

/** The rules in one line: "Lossy 70 · styles “thumb”, “pico” · into “optimized”". */
export function describeRules(rules: WatchRules): string {
  const { include, exclude, via, metadata, effort } = rules;
  const parts = [
    describeRecipe(rules),
    via.kind === 'account' && t('watched.by_account'),
    !rules.recursive && t('watched.flat'),
    include.length > 0 && t('watched.only', { globs: include.join(', ') }),
    exclude.length > 0 && t('watched.without', { globs: exclude.join(', ') }),
    rules.min_bytes > 0 &&
      t('watched.from_size', { size: axisBytes(rules.min_bytes, rules.min_bytes) }),
    rules.min_saving > 0 && t('watched.saving', { share: rules.min_saving }),
    metadata !== 'copyright' && t(`watched.metadata.${metadata}`),
    effort !== 'default' && t(`watched.effort.${effort}`),
    rules.keep_times && t('watched.keep_times'),
  ];
  return parts.filter(Boolean).join(' · ');
}

function describeOutput(output: Output): string {
  switch (output.kind) {
    case 'suffix':
      return t('watched.beside');
    case 'folder':
      return t('watched.into', { folder: fileName(output.path) });
    case 'in_place':
      return t('watched.in_place');
  }
}

/** Patterns as they are typed: apart by commas. */
export function globs(text: string): string[] {
  return text
    .split(',')
    .map((glob) => glob.trim())
    .filter((glob) => glob !== '');
}
