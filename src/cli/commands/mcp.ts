import type { Command } from 'commander';
import { IsovecError } from '../../shared/isovec-error.js';
import type { CommandRunner } from '../command-context.js';
import type { McpFlags } from '../mcp/mcp.js';
import { addMemoryModelFlags, addStoreFlags, namedModel } from '../memory/memory-flags.js';
import { addOutputFlags } from '../model-flags.js';
import { parseDuration } from '../parse-duration.js';
import { parsePort } from '../parse-port.js';

const EXAMPLES = `
Speaks the Model Context Protocol over standard input and output, for a client
that starts this command; with --http over streamable HTTP, for clients that
are given its address. Tools: store_memory, recall_memories, session_lessons,
memory_status, delete_memory, delete_memories_by_tags, embed, similarity. It
needs the package @modelcontextprotocol/sdk.

Examples:
  $ isovec mcp --store ./memory.db
  $ isovec mcp --http --port 8090
`;

const HTTP_FLAGS = ['host', 'port', 'apiKeyFile', 'tlsCert', 'tlsKey', 'allowAnonymous', 'grace'];

/** Defines `isovec mcp`. */
export function defineMcp(program: Command, run: CommandRunner): void {
  const command = program
    .command('mcp')
    .summary('offer a memory to agents, by the Model Context Protocol')
    .description('Offer a memory and a model to agents, by the Model Context Protocol.')
    .option('--http', 'over HTTP rather than standard input and output')
    .option('--host <address>', 'with --http: address to listen on (default: 127.0.0.1)')
    .option('-p, --port <n>', 'with --http: port to listen on; 0 takes a free one (default: 8090)', parsePort)
    .option('--api-key-file <file>', 'with --http: file of keys, a line each; requests must carry one')
    .option('--tls-cert <file>', 'with --http: certificate chain (PEM) for HTTPS')
    .option('--tls-key <file>', 'with --http: private key (PEM) of that certificate')
    .option('--allow-anonymous', 'with --http: listen beyond this machine without keys')
    .option(
      '--grace <time>',
      'with --http: time for what was begun when the server ends (default: 10s)',
      parseDuration,
    );
  addOutputFlags(addMemoryModelFlags(addStoreFlags(command)))
    .addHelpText('after', EXAMPLES)
    .action((flags: McpFlags) =>
      run(flags, async (context) => {
        if (flags.http !== true) assertNoHttpFlags(command);
        return (await import('../mcp/mcp.js')).mcp(flags, namedModel(command), context);
      }),
    );
}

/** What would have no effect is refused; settings for all commands, such as a port for `serve`, are passed over. */
function assertNoHttpFlags(command: Command): void {
  const given = HTTP_FLAGS.find((key) => command.getOptionValueSource(key) === 'cli');
  const option = command.options.find((one) => one.attributeName() === given);
  if (option !== undefined) throw new IsovecError('CONFIG_INVALID', `${option.long ?? ''} is for --http.`);
}
