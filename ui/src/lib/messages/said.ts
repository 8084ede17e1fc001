import type { ErrorCode } from '../ipc/types';
import { filled, t } from '.';
import { tongue } from './language.svelte';
import { sentences } from './sentences.de';

/*
 * What Rust says, in the language of now. It says it in English, to the command line and the history as
 * well, and the English text is the key of its translation.
 */

const patterns = Object.entries(sentences)
  .filter(([english]) => english.includes('{'))
  .map(([english, german]) => {
    const names = [...english.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const parts = english
      .split(/\{\w+\}/)
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return { names, german, form: new RegExp(`^${parts.join('([^]+)')}$`) };
  });

/** A sentence or a word from Rust; as it is where there is no translation. */
export function said(text: string): string {
  return translated(text) ?? text;
}

/** Why an image has no result, in one sentence; null where that was not said. */
export function reason(
  of: {
    code: ErrorCode | null;
    message: string | null;
  } | null,
): string | null {
  if (!of) return null;
  const { code, message } = of;
  const sentence = message === null ? null : translated(message);
  return sentence ?? (code ? t(`reason.${code}`) : message);
}

/** What was thrown, as a sentence that is to be [`said`]. */
export function sentence(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}

/** Null where there is no translation. */
function translated(text: string): string | null {
  // The command line's apostrophes are straight; names of files are not touched.
  if (tongue() === 'en') return Object.hasOwn(sentences, text) ? text.replaceAll("'", '’') : text;
  const german = Object.hasOwn(sentences, text) ? sentences[text] : undefined;
  if (german !== undefined) return german;
  for (const { names, german, form } of patterns) {
    const found = form.exec(text);
    if (!found) continue;
    // A part may be a sentence of its own. What is damaged is left out without a translation.
    const values: Record<string, string> = {};
    let sentence = german;
    for (const [index, name] of names.entries()) {
      const part = found[index + 1] ?? '';
      const spoken = translated(part);
      if (name === 'damage' && spoken === null) sentence = sentence.replace(': {damage}', '');
      values[name] = spoken ?? part;
    }
    return filled(sentence, values);
  }
  return null;
}
