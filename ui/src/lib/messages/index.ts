import { en } from './en';

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

/** Keys whose text stands as it is. */
export type PlainKey = { [K in Key]: [Params<Messages[K]>] extends [never] ? K : never }[Key];

export const locale = 'en';

const plural = new Intl.PluralRules(locale);
const number = new Intl.NumberFormat(locale);

/** The text for a key, with its `{names}` filled in. Numbers are grouped as the language does. */
export function t<K extends Key>(key: K, ...[params]: Args<K>): string {
  const values: Record<string, string | number> = params ?? {};
  const message: string | Plural = en[key];
  const text =
    typeof message === 'string'
      ? message
      : message[plural.select(Number(values.count)) === 'one' ? 'one' : 'other'];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? number.format(value) : value;
  });
}
