import { CACHED_MODELS_SCRIPT } from './cached-models-script.js';
import { type CompletionCommand, type CompletionFlag, everyCommand, type Expected } from './completion-tree.js';

/** The completion script for fish 3.0 and later. */
export function fishCompletion(program: CompletionCommand): string {
  const commands = everyCommand(program);
  const paths = commands.filter(({ path }) => path.length > 0).map(({ path }) => quoted(path.join(' ')));
  return `# Completion of isovec for fish; written by 'isovec completion fish'.

function __isovec_cached_models
    sh -c ${quoted(CACHED_MODELS_SCRIPT)}
end

# Whether the words before the cursor name this command.
function __isovec_at
    set -l tokens (commandline -opc)
    set -e tokens[1]
    set -l path
    for token in $tokens
        if not string match -q -- '-*' $token
            set -l next (string join ' ' $path $token)
            contains -- $next ${paths.join(' ')}; or break
            set path $path $token
        end
    end
    test (string join ' ' x $path) = (string trim -- "x $argv[1]")
end

complete -c isovec -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ path, flags, commands, argument }: CompletionCommand): string[] {
  const at = `complete -c isovec -n ${quoted(`__isovec_at "${path.join(' ')}"`)}`;
  const inner = commands.map((one) => `${at} -a ${one.path.at(-1) ?? ''} -d ${quoted(one.description)}`);
  const own = argument === undefined || argument.kind === 'text' ? [] : [`${at} ${candidates(argument)}`];
  return [...inner, ...own, ...flags.map((flag) => `${at} ${flagLine(flag)}`)];
}

function flagLine({ names, description, value }: CompletionFlag): string {
  const words = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  if (value !== undefined) words.push(value.kind === 'file' ? '-r' : '-x', candidates(value));
  return [...words.filter((word) => word !== ''), `-d ${quoted(description)}`].join(' ');
}

function candidates(value: Expected): string {
  switch (value.kind) {
    case 'choices':
      return `-a ${quoted(value.choices.join(' '))}`;
    case 'file':
      return '-F';
    case 'folder':
      return "-a '(__fish_complete_directories (commandline -ct))'";
    case 'model':
      return "-a '(__isovec_cached_models; __fish_complete_directories (commandline -ct))'";
    case 'text':
      return '';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, (unit) => `\\${unit}`)}'`;
}
