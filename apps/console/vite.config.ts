import { defineConfig } from 'vite';

export default defineConfig({
  // Relative: the same files serve below any path, from any server.
  base: './',
  build: {
    target: 'es2022',
    // Nothing inline: the page's policy allows files of its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 900,
  },
});
