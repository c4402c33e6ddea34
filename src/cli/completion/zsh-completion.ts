import { CACHED_MODELS_SCRIPT } from './cached-models-script.js';
import { type CompletionCommand, type CompletionFlag, everyCommand, type Expected } from './completion-tree.js';

/** The completion script for zsh, for a folder of `fpath` as well as for `source`. */
export function zshCompletion(program: CompletionCommand): string {
  return `#compdef isovec
# Completion of isovec for zsh; written by 'isovec completion zsh'.

_isovec_cached_models() {
  local -a ids
  ids=(\${(f)"$(sh -c '${CACHED_MODELS_SCRIPT}')"})
  compadd -a ids
  _files -/
}

${everyCommand(program).toReversed().map(commandFunction).join('\n\n')}

if [[ $funcstack[1] == _isovec ]]; then
  _isovec "$@"
else
  compdef _isovec isovec
fi
`;
}

function commandFunction(command: CompletionCommand): string {
  return command.commands.length === 0 ? leafFunction(command) : groupFunction(command);
}

function leafFunction({ path, flags, argument }: CompletionCommand): string {
  const specifications = flags.map(flagSpecification);
  if (argument !== undefined) specifications.push(quoted(`*:${expectation(argument)}`));
  return `${functionName(path)}() {\n  _arguments -S \\\n    ${specifications.join(' \\\n    ')}\n}`;
}

function groupFunction({ path, flags, commands }: CompletionCommand): string {
  const list = commands.map((inner) => quoted(`${inner.path.at(-1) ?? ''}:${inner.description}`)).join('\n        ');
  const calls = commands
    .map((inner) => `        ${inner.path.at(-1) ?? ''}) ${functionName(inner.path)} ;;`)
    .join('\n');
  return `${functionName(path)}() {
  local curcontext="$curcontext" state line
  local -a list
  _arguments -C \\
    ${flags.map(flagSpecification).join(' \\\n    ')} \\
    '(-)1:command:->command' '(-)*::argument:->rest'
  case $state in
    command)
      list=(
        ${list}
      )
      _describe command list ;;
    rest)
      case $words[1] in
${calls}
      esac ;;
  esac
}`;
}

function flagSpecification({ names, description, value }: CompletionFlag): string {
  const explained = `[${description.replaceAll(/[[\]:\\]/g, (unit) => `\\${unit}`)}]`;
  const argument = value === undefined ? '' : `:${expectation(value)}`;
  const others = names.length > 1 ? quoted(`(${names.join(' ')})`) : '';
  const written = names.map((name) => (value === undefined ? name : name.startsWith('--') ? `${name}=` : `${name}+`));
  const alternatives = written.length > 1 ? `{${written.join(',')}}` : (written[0] ?? '');
  return `${others}${alternatives}${quoted(`${explained}${argument}`)}`;
}

function expectation(value: Expected): string {
  switch (value.kind) {
    case 'choices':
      return `value:(${value.choices.join(' ')})`;
    case 'file':
      return 'file:_files';
    case 'folder':
      return 'folder:_files -/';
    case 'model':
      return 'model:_isovec_cached_models';
    case 'text':
      // No choices rather than no action, after which zsh would not offer flags.
      return 'text:( )';
  }
}

function functionName(path: readonly string[]): string {
  return ['_isovec', ...path].join('_');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
