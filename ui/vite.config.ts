import { svelte } from '@sveltejs/vite-plugin-svelte';
import { svelteTesting } from '@testing-library/svelte/vite';
import { defineConfig } from 'vitest/config';
import { fakeThumbnails } from './src/dev/thumbnails-plugin.ts';

export default defineConfig({
  plugins: [svelte(), svelteTesting(), fakeThumbnails()],
  // `tauri dev` waits for this very port.
  server: { port: 5173, strictPort: true },
  build: {
    target: 'es2022',
    // WebKitGTK 2.44 and later, which knows light-dark().
    cssTarget: 'safari17.5',
    // All styles are there when the first frame is painted.
    cssCodeSplit: false,
    // The window's content security policy allows no inline script, and one chunk needs no preload.
    modulePreload: false,
    // How long plugins take on a busy machine is no warning about this code.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  test: {
    environment: 'happy-dom',
    include: ['src/**/*.test.ts'],
    restoreMocks: true,
    // Only failing tests wait for it: on a busy machine a page takes seconds.
    testTimeout: 30_000,
    // One page for all files of a worker: a third of the time. Each test cleans up after itself.
    isolate: false,
    sequence: { shuffle: true },
  },
});
