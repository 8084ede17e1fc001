/**
 * Keeps the focus on the page. When what has it is taken off the page (a row's own Cancel, a preset that
 * is deleted, a bar that was answered), the browser lets it fall, and whoever has no mouse begins anew.
 * Here it goes to the closest thing around that stays and can have it, `home` at the latest: no other
 * button, which the next press of Enter would then mean.
 */
export function keepFocus(home: HTMLElement): () => void {
  /** What had the focus last, and all that it lies in, from the inside outwards. */
  let path: Element[] = [];

  function entered(event: FocusEvent) {
    path = [];
    let at = event.target instanceof Element ? event.target : null;
    for (; at; at = at.parentElement) path.push(at);
  }

  function changed() {
    const [last, ...around] = path;
    if (!last || last.isConnected || hasFocus()) return;
    const next = around.find((element) => element.isConnected && element.hasAttribute('tabindex'));
    focus(next ?? home);
  }

  const observer = new MutationObserver(changed);
  observer.observe(document.body, { childList: true, subtree: true });
  document.addEventListener('focusin', entered);
  return () => {
    observer.disconnect();
    document.removeEventListener('focusin', entered);
  };
}

/** Gives the focus back to what had it before, if that is still there and nothing else took it. */
export function giveBack(before: Element | null): void {
  if (before?.isConnected && before !== document.body && !hasFocus()) focus(before);
}

function hasFocus(): boolean {
  const { activeElement } = document;
  return activeElement !== null && activeElement !== document.body && activeElement.isConnected;
}

function focus(element: Element): void {
  if (element instanceof HTMLElement) element.focus({ preventScroll: true });
}
