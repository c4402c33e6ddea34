import { defineConfig } from 'vite';

// The playground: a document, a script and a style sheet, whose names change with their content. Addresses are relative, so
// that the page works below a path that a proxy puts in front of it.
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
    modulePreload: false,
    reportCompressedSize: false,
  },
});
