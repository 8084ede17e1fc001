import type { account } from '../account/messages';
import { de } from './de';
import { en } from './en';
import { perLanguage, tongue, type Tongue } from './language.svelte';

export type Messages = typeof en;
export type Key = keyof Messages;

type Plural = { one: string; other: string };
type Names<Text> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Names<Rest>
  : never;
type Params<Message> = Message extends Plural
  ? Names<Message['one']> | Names<Message['other']> | 'count'
  : Names<Message>;
type Args<K extends Key> = [Params<Messages[K]>] extends [never]
  ? []
  : [params: Record<Params<Messages[K]>, string | number>];

type Translated<Originals> = {
  [K in keyof Originals]: Originals[K] extends Plural ? Plural : string;
};
/** What another language must have: every key, with plurals where English has them. */
export type Translation = Translated<Messages>;
/** The same for the words about the account. */
export type AccountTranslation = Translated<typeof account>;

/** Keys whose text stands as it is. */
export type PlainKey = { [K in Key]: [Params<Messages[K]>] extends [never] ? K : never }[Key];

const MESSAGES: Record<Tongue, Translation> = { en, de };

const plural = perLanguage((language) => new Intl.PluralRules(language));
const number = perLanguage((language) => new Intl.NumberFormat(language));

/**
 * The text for a key in the language of now, with its `{names}` filled in. Numbers are grouped as the
 * language does.
 */
export function t<K extends Key>(key: K, ...[params]: Args<K>): string {
  const values: Record<string, string | number> = params ?? {};
  const message: string | Plural = MESSAGES[tongue()][key];
  const text =
    typeof message === 'string'
      ? message
      : message[plural().select(Number(values.count)) === 'one' ? 'one' : 'other'];
  return filled(text, values);
}

/** A text with its `{names}` filled in. */
export function filled(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number().format(value) : value;
  });
}
