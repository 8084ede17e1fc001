/*
 * The window without its shell, for working on its looks: `npm run dev`, then
 * /dev.html?scene=working&section=optimize&theme=dark. Not part of the build.
 */
import { installFakeIpc } from './fake-ipc';
import { isScene, SCENES } from './scenes';

const wanted = new URLSearchParams(location.search);
const scene = wanted.get('scene') ?? 'live';
if (!isScene(scene)) throw new Error(`scenes are ${SCENES.join(', ')}`);

const theme = wanted.get('theme');
const fake = installFakeIpc(scene, theme === 'dark' || theme === 'light' ? theme : 'system');
await import('../main');
await fake.play();

// A section is reached as a user reaches it.
const section = wanted.get('section');
const buttons = [...document.querySelectorAll<HTMLButtonElement>('nav button')];
buttons.find((button) => button.textContent.trim().toLowerCase() === section)?.click();

// And so is whatever else is on a button: &click=Resize…&click=Add style
for (const name of wanted.getAll('click')) {
  await new Promise((resolve) => setTimeout(resolve, 150));
  const all = [
    ...document.querySelectorAll<HTMLElement | SVGElement>('button, [role=row], g[role=img]'),
  ];
  const found = all.find((element) =>
    (element.getAttribute('aria-label') ?? element.textContent).includes(name),
  );
  found?.focus();
  // Parts of a drawing can be focused, but have no click().
  if (found instanceof HTMLElement) found.click();
}
