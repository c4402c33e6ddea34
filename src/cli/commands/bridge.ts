import { type Command, Option } from 'commander';
import type { CommandRunner } from '../command-context.js';
import { addOutputFlags } from '../model-flags.js';
import type { BridgeFlags } from './bridge/bridge-flags.js';

const INSTALL_EXAMPLES = `
The virtual environment lies in the cache; models that need it find it there.

Examples:
  $ isovec bridge install
  $ isovec bridge install --backend onnx --python python3.12
`;

const DOCTOR_EXAMPLES = `
Examples:
  $ isovec bridge doctor
  $ isovec bridge doctor --python ./venv/bin/python --json
`;

const RUN_EXAMPLES = `
JSON-RPC 2.0, a message a line, on standard input and output; see
python/README.md of the package.

Examples:
  $ isovec bridge run < requests.jsonl
`;

/** Defines `isovec bridge` and its commands; the code of each is loaded when it runs. */
export function defineBridge(program: Command, run: CommandRunner): void {
  const bridge = program
    .command('bridge')
    .summary('the Python that runs what cannot run in process')
    .description('Install, check and run the Python bridge, which runs what cannot run in process.');
  const define = (name: string, description: string, examples: string): Command =>
    addOutputFlags(
      bridge
        .command(name)
        .description(description)
        .option('--python <path>', 'interpreter (default: what was installed, or python3)')
        .option('--cache <folder>', 'folder of the cache (default: $ISOVEC_HOME, or isovec in the user cache)'),
    ).addHelpText('after', examples);
  const backend = (description: string): Option =>
    new Option('--backend <name>', description).choices(['torch', 'onnx']);
  define('install', 'Make a virtual environment with the packages of a backend.', INSTALL_EXAMPLES)
    .addOption(backend('torch for all models, onnx for ONNX files alone (default: torch)'))
    .action((flags: BridgeFlags) =>
      run(flags, async (context) => (await import('./bridge/install.js')).installCommand(flags, context)),
    );
  define('doctor', 'Say what is there, and what to run for what is not.', DOCTOR_EXAMPLES).action(
    (flags: BridgeFlags) =>
      run(flags, async (context) => (await import('./bridge/doctor.js')).bridgeDoctor(flags, context)),
  );
  define('run', 'Run the bridge on this terminal, to look into it.', RUN_EXAMPLES)
    .addOption(backend('whose environment is taken (default: torch)'))
    .action((flags: BridgeFlags) =>
      run(flags, async (context) => (await import('./bridge/run.js')).runBridge(flags, context)),
    );
}
