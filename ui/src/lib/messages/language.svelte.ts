import type { Language } from '../ipc/types';

/** A language that the window has words in. */
export type Tongue = Exclude<Language, 'system'>;

/* Until the settings are read: what the shell has written into the page. */
let spoken = $state<Tongue>(globalThis.document?.documentElement.lang === 'de' ? 'de' : 'en');

/** The language of now. Whatever reads it is drawn again when it changes. */
export function tongue(): Tongue {
  return spoken;
}

/** Changes the language, of everything at once. */
export function speak(language: Tongue): void {
  spoken = language;
}

/** Makes something once for each language: formats of `Intl` are costly. */
export function perLanguage<T>(make: (language: Tongue) => T): () => T {
  const made = new Map<Tongue, T>();
  return () => {
    const language = tongue();
    let one = made.get(language);
    if (one === undefined) made.set(language, (one = make(language)));
    return one;
  };
}
