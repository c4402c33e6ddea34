/** Programs whose modules `npm run build` puts into few files, by their path in the build. */
export const BUNDLED_PROGRAMS = {
  commandLine: 'dist/cli/main.js',
  threads: ['dist/runtime/sessions/nursery-main.js', 'dist/runtime/sessions/probe-device-main.js'],
} as const;

/** Folder of the files that the command line loads when it needs them; each holds several modules. */
export const CHUNKS_FOLDER = 'dist/chunks';
