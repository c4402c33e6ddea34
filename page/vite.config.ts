import path from 'node:path';
import { defineConfig } from 'vite';

// The playground and the API reference: documents, scripts and style sheets, whose names change with their content. Addresses
// are relative, so that the pages work below a path that a proxy puts in front of them.
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  logLevel: 'warn',
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    // Inlined files would need a weaker content security policy.
    assetsInlineLimit: 0,
    // Scripts that both pages share are named in the documents; browsers know such links without help.
    modulePreload: { polyfill: false },
    rolldownOptions: { input: ['index.html', 'docs.html'].map((file) => path.join(import.meta.dirname, file)) },
    reportCompressedSize: false,
  },
});
