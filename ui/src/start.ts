import { mount } from 'svelte';
import { App } from './lib/state/app.svelte';
import Window from './Window.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');

const app = new App();
// The frame in index.html stood until now.
target.replaceChildren();
mount(Window, { target, props: { app } });
void app.start();
