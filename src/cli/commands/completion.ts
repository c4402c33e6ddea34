import { Argument, type Command } from 'commander';
import type { CommandRunner } from '../command-context.js';

type Shell = 'bash' | 'zsh' | 'fish';

const INSTALLATION = `
Examples:
  $ isovec completion bash > ~/.local/share/bash-completion/completions/isovec
  $ isovec completion zsh > ~/.zfunc/_isovec
  $ isovec completion fish > ~/.config/fish/completions/isovec.fish

bash without the package bash-completion: put the script anywhere, and a line
'source FILE' into ~/.bashrc. zsh: 'fpath=(~/.zfunc $fpath)' must stand before
'compinit' in ~/.zshrc. A new shell completes commands, flags, their values,
files, and the models in the cache. After an update of isovec, write it again.
`;

/** Defines `isovec completion`. */
export function defineCompletion(program: Command, run: CommandRunner): void {
  program
    .command('completion')
    .summary('print a completion script for a shell')
    .description('Print a script by which a shell completes the command lines of isovec.')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', INSTALLATION)
    .action((shell: Shell) =>
      run({}, async ({ output }) => {
        await output.write(await scriptFor(shell, program));
        return 0;
      }),
    );
}

async function scriptFor(shell: Shell, program: Command): Promise<string> {
  const { completionTree } = await import('../completion/completion-tree.js');
  const tree = completionTree(program);
  switch (shell) {
    case 'bash':
      return (await import('../completion/bash-completion.js')).bashCompletion(tree);
    case 'zsh':
      return (await import('../completion/zsh-completion.js')).zshCompletion(tree);
    case 'fish':
      return (await import('../completion/fish-completion.js')).fishCompletion(tree);
  }
}
