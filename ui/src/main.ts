import { mount } from 'svelte';
import { App } from './lib/state/app.svelte';
import Window from './Window.svelte';
import './styles/tokens.css';
import './styles/base.css';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');

const app = new App();
mount(Window, { target, props: { app } });
void app.start();
