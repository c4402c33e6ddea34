import type { Command } from 'commander';
import type { CommandRunner } from '../command-context.js';
import type { InitFlags } from '../init/init.js';
import { addStoreFlags } from '../memory/memory-flags.js';
import { addDtypeFlag, addModelFlag, addOutputFlags, addProviderFlags, addSourceFlags } from '../model-flags.js';
import { parsePort } from '../parse-port.js';

const EXAMPLES = `
Examples:
  $ isovec init
  $ isovec init --model ./my-model --dtype int8 --yes
  $ isovec init --host 0.0.0.0 --api-key-file keys.txt --with-memory
  $ isovec init deploy --offline --cache ./models --force

On a terminal it asks for the model and its weights, unless flags say them or
--yes is given. Only what stands on this command line is written: no setting of
the environment or of another configuration file.
`;

/** Defines `isovec init`. */
export function defineInit(program: Command, run: CommandRunner): void {
  const command = program
    .command('init')
    .summary('write a configuration file')
    .description('Write isovec.config.json, which all commands in its folder and below read.')
    .argument('[folder]', 'folder of the file (default: this one)')
    .option('-y, --yes', 'ask nothing: what no flag says is the default')
    .option('--force', 'replace a file that is there')
    .optionsGroup('Settings of isovec serve:')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('-p, --port <n>', 'port to listen on; 0 takes a free one (default: 8080)', parsePort)
    .option('--grpc-port <n>', 'port for gRPC; 0 takes a free one (default: 50051)', parsePort)
    .option('--api-key-file <file>', 'file of keys, a line each; requests must carry one')
    .option('--models-file <file>', 'JSON list of models to serve, each with its own settings')
    .option('--with-memory', 'serve memories, too: routes to remember and recall, and a tab of the page')
    .optionsGroup('Settings of all commands:');
  addOutputFlags(addStoreFlags(addSourceFlags(addProviderFlags(addDtypeFlag(addModelFlag(command))))))
    .addHelpText('after', EXAMPLES)
    .action((folder: string | undefined, flags: InitFlags) =>
      run(flags, async (context) => {
        const { init } = await import('../init/init.js');
        return init(folder ?? '.', flags, command, context);
      }),
    );
}
