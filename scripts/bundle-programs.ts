import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { build, type OutputOptions, type Plugin, type RolldownOptions } from 'rolldown';

import { BUNDLED_PROGRAMS, CHUNKS_FOLDER } from './bundled-programs.js';
import { unpublishedList } from './published-modules.js';
import { removeComments } from './remove-comments.js';

// The second half of `npm run build`: takes the comments out of the modules, then puts the modules of a program into few
// files, in place of what the compiler wrote for its entry, and tells npm which modules nobody needs after that. Node
// takes longer to find and open a file than to compile it; see docs/decisions/command-line-in-few-files.md.

const root = path.resolve(import.meta.dirname, '..');
const sources = path.join(root, 'src');

/**
 * Modules of the command line that every run on a model needs, each with all that it imports statically: one file.
 * Modules of the first group are loaded before those of the second.
 */
const GROUPS: Readonly<Record<string, readonly string[]>> = {
  'engine-start': ['engine/start-engine.ts'],
  'command-line': [
    'cli/run-command-line.ts',
    'cli/embed/embed-to-output.ts',
    'cli/embed/write-output.ts',
    'engine/load-model.ts',
    'files/rows/open-row-source.ts',
  ],
};

/**
 * CommonJS packages that the command line always loads. An import would make Node read and analyse their files first, for
 * the names of their exports, which are known here.
 */
const REQUIRED_PACKAGES: readonly string[] = ['commander'];
const REQUIRED_PREFIX = '\0required:';

function isRequired(id: string): boolean {
  return REQUIRED_PACKAGES.includes(id) || id.startsWith(REQUIRED_PREFIX);
}

function requirePackages(): Plugin {
  const require = createRequire(import.meta.url);
  return {
    name: 'require-packages',
    resolveId: (name) => (REQUIRED_PACKAGES.includes(name) ? `${REQUIRED_PREFIX}${name}` : undefined),
    load(id): string | undefined {
      if (!id.startsWith(REQUIRED_PREFIX)) return undefined;
      const name = id.slice(REQUIRED_PREFIX.length);
      const exported = Object.keys(require(name) as object).join(', ');
      return [
        "import { createRequire } from 'node:module';",
        `export const { ${exported} } = createRequire(import.meta.url)('${name}');`,
      ].join('\n');
    },
  };
}

/** Gives modules of a program their group, by name. */
function groupModules(groupOf: Map<string, string>): Plugin {
  return {
    name: 'group-modules',
    buildEnd(): void {
      const visit = (id: string, group: string): void => {
        const module = this.getModuleInfo(id);
        if (!(id.startsWith(sources) || isRequired(id)) || groupOf.has(id)) return;
        if (module === null) throw new Error(`${id} is no module of the command line any more; correct GROUPS.`);
        groupOf.set(id, group);
        for (const imported of module.importedIds) visit(imported, group);
      };
      for (const [group, entries] of Object.entries(GROUPS)) {
        for (const entry of entries) visit(path.join(sources, entry), group);
      }
    },
  };
}

/** Keeps every module's own address: files beside it are found, and threads started, from where the compiler put it. */
function keepAddresses(output: string): Plugin {
  return {
    name: 'keep-addresses',
    transform(code, id): string | undefined {
      if (!id.startsWith(sources)) return undefined;
      const own = path.posix.join('dist', path.relative(sources, id)).replace(/\.ts$/, '.js');
      if (own === output || !code.includes('import.meta.url')) return undefined;
      const address = path.posix.relative(path.posix.dirname(output), own).replace(/^(?!\.)/, './');
      return code.replaceAll('import.meta.url', `new URL('${address}', import.meta.url).href`);
    },
  };
}

function optionsFor(program: string, plugins: readonly Plugin[]): RolldownOptions {
  return {
    input: { [path.basename(program, '.js')]: path.join(root, program.replace(/^dist/, 'src').replace(/js$/, 'ts')) },
    platform: 'node',
    external: (id) => !id.startsWith('.') && !path.isAbsolute(id) && !isRequired(id),
    resolve: { extensionAlias: { '.js': ['.ts'] } },
    transform: { target: 'es2023' },
    treeshake: { moduleSideEffects: false },
    plugins: [...plugins],
    // Nobody imports a program, so that its entry may be grouped as the rest.
    preserveEntrySignatures: 'allow-extension',
    // A module that is imported lazily by one command and at once by another is no mistake.
    checks: { ineffectiveDynamicImport: false },
    onLog(_level, { message }) {
      throw new Error(`${program}: ${message}`);
    },
  };
}

/** Readable, with the names that stack traces show; the comments stay in the sources. */
const FORM = { format: 'esm', minify: false, comments: { jsdoc: false } } satisfies OutputOptions;

/** A thread's program is one file. */
async function bundleThread(program: string): Promise<void> {
  await build({
    ...optionsFor(program, [keepAddresses(program)]),
    output: { ...FORM, file: path.join(root, program), codeSplitting: false },
  });
}

/** The command line is its entry and files beside it, which are loaded when they are needed. */
async function bundleCommandLine(program: string): Promise<void> {
  const groupOf = new Map<string, string>();
  const chunk = path.posix.join(CHUNKS_FOLDER, 'chunk.js');
  await build({
    // The entry lies as deep as the chunks, so that an address is the same from either.
    ...optionsFor(program, [keepAddresses(chunk), requirePackages(), groupModules(groupOf)]),
    output: {
      dir: path.join(root, 'dist'),
      ...FORM,
      entryFileNames: path.posix.relative('dist', program),
      chunkFileNames: path.posix.relative('dist', path.posix.join(CHUNKS_FOLDER, '[name].js')),
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [{ debugName: 'by what is loaded together', name: (id) => groupOf.get(id) ?? null }],
      },
    },
  });
}

removeComments(path.join(root, 'dist'));
rmSync(path.join(root, CHUNKS_FOLDER), { recursive: true, force: true });
await bundleCommandLine(BUNDLED_PROGRAMS.commandLine);
for (const thread of BUNDLED_PROGRAMS.threads) await bundleThread(thread);
writeFileSync(path.join(root, 'dist/.npmignore'), unpublishedList(root));
