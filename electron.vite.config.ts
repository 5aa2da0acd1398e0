import { resolve } from 'node:path'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'electron-vite'

const root = import.meta.dirname ?? new URL('.', import.meta.url).pathname
const entry = (path: string) => resolve(root, path)

export default defineConfig({
  main: {
    build: {
      // native packages stay outside (they are the only "dependencies"); everything else is bundled
      externalizeDeps: true,
      rollupOptions: {
        input: {
          index: entry('main/index.ts'),
          // the other processes of the application and their threads; each is a file of its own beside index.js
          engine: entry('main/worker/engine.ts'),
          'raster-thread': entry('main/worker/raster-thread.ts'),
          transfers: entry('main/worker/transfers.ts'),
          catalogue: entry('main/worker/catalogue.ts'),
          'local-back-end': entry('main/worker/local-back-end.ts'),
          'evaluate-thread': entry('main/worker/evaluate-thread.ts'),
        },
      },
      outDir: 'out/main',
      sourcemap: true,
      minify: true,
    },
  },
  preload: {
    build: {
      externalizeDeps: false, // a sandboxed preload cannot require node_modules
      rollupOptions: {
        input: { index: entry('preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' }, // sandbox: CommonJS only
      },
      outDir: 'out/preload',
    },
  },
  renderer: {
    root: entry('renderer'),
    base: './',
    plugins: [svelte({ configFile: entry('svelte.config.js') })],
    build: {
      rollupOptions: { input: { index: entry('renderer/index.html') } },
      outDir: entry('out/renderer'),
      sourcemap: true,
      minify: true,
      // fonts and images never become data: URLs, so the CSP needs no data: for them
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
    },
  },
})
