import { CACHED_MODELS_SCRIPT } from './cached-models-script.js';
import { type CompletionCommand, everyCommand, type Expected } from './completion-tree.js';

/**
 * The completion script for bash 3.2 and later, without the package bash-completion. Files are left to readline, which
 * knows about quotes.
 */
export function bashCompletion(program: CompletionCommand): string {
  const commands = everyCommand(program);
  return `# Completion of isovec for bash; written by 'isovec completion bash'.

_isovec_cached_models() {
  sh -c '${CACHED_MODELS_SCRIPT}'
}

# What may follow: sets 'expected' to what the flag $2 of the command $1 takes, or to nothing for a switch.
_isovec_value() {
  case "$1 $2" in
${patterns(commands.flatMap(valuesOf))}
    *) expected='' ;;
  esac
}

# Sets 'flags', 'inner' and 'expected' to the flags, commands and arguments of the command $1.
_isovec_command() {
  flags='' inner='' expected=''
  case "$1" in
${commands.map(commandCase).join('\n')}
  esac
}

_isovec() {
  COMPREPLY=()
  local line="\${COMP_LINE:0:COMP_POINT}" current='' command='' flag='' only_texts='' flags='' inner='' expected='' word next
  local -a words
  read -ra words <<< "$line"
  if [[ $line != *[[:space:]] ]]; then
    current="\${words[\${#words[@]}-1]}"
    unset "words[\${#words[@]}-1]"
  fi
  for word in "\${words[@]:1}"; do
    if [[ -n $flag ]]; then
      flag=''
    elif [[ $word == -- ]]; then
      only_texts=yes
    elif [[ -z $only_texts && $word == -* ]]; then
      _isovec_value "$command" "$word"
      [[ -n $expected ]] && flag="$word"
    else
      next="\${command:+$command }$word"
      case "$next" in
        ${commandPatterns(commands)}) command="$next" ;;
      esac
    fi
  done

  local candidates=''
  if [[ -z $flag && -z $only_texts && $current == --*=* ]]; then
    flag="\${current%%=*}"
    current="\${current#*=}"
  fi
  _isovec_command "$command"
  if [[ -n $flag ]]; then
    _isovec_value "$command" "$flag"
  elif [[ -z $only_texts && $current == -* ]]; then
    expected="words $flags"
  elif [[ -n $inner ]]; then
    expected="words $inner"
  elif [[ $expected == text && -z $current && -z $only_texts ]]; then
    expected="words $flags"
  fi

  case "$expected" in
    file) return ;;
    folder) compopt +o default -o dirnames 2>/dev/null; return ;;
    model)
      # What begins like a path is a folder.
      if [[ $current == [./~]* ]]; then compopt +o default -o dirnames 2>/dev/null; return; fi
      candidates="$(_isovec_cached_models)" ;;
    words\\ *) candidates="\${expected#words }" ;;
  esac
  compopt +o default 2>/dev/null
  # Bash replaces what follows the last colon or equals sign only.
  local kept=''
  [[ $COMP_WORDBREAKS == *:* ]] && kept="\${current%"\${current##*[:=]}"}"
  for word in $candidates; do
    [[ $word == "$current"* ]] && COMPREPLY+=("\${word#"$kept"}")
  done
  return 0
}

complete -o default -F _isovec isovec
`;
}

interface ValueOfFlag {
  readonly pattern: string;
  readonly expected: string;
}

function valuesOf({ path, flags }: CompletionCommand): ValueOfFlag[] {
  return flags.flatMap(({ names, value }) =>
    value === undefined
      ? []
      : names.map((name) => ({ pattern: quoted(`${path.join(' ')} ${name}`), expected: expectedWord(value) })),
  );
}

/** One branch for all flags that take the same. */
function patterns(values: readonly ValueOfFlag[]): string {
  const kinds = [...new Set(values.map(({ expected }) => expected))];
  return kinds
    .map((kind) => {
      const names = values.filter(({ expected }) => expected === kind).map(({ pattern }) => pattern);
      return `    ${names.join(' | ')}) expected=${quoted(kind)} ;;`;
    })
    .join('\n');
}

function commandCase({ path, flags, commands, argument }: CompletionCommand): string {
  const names = flags.flatMap((flag) => flag.names).join(' ');
  const inner = commands.map((command) => command.path.at(-1)).join(' ');
  const expected = argument === undefined ? '' : expectedWord(argument);
  return `    ${quoted(path.join(' '))}) flags=${quoted(names)} inner=${quoted(inner)} expected=${quoted(expected)} ;;`;
}

function commandPatterns(commands: readonly CompletionCommand[]): string {
  return commands
    .filter(({ path }) => path.length > 0)
    .map(({ path }) => quoted(path.join(' ')))
    .join(' | ');
}

function expectedWord(value: Expected): string {
  return value.kind === 'choices' ? `words ${value.choices.join(' ')}` : value.kind;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
