/** What a shell sources to complete the command line. */
import { allowed, options, type Shell, shells } from './usage.ts';

/** agent is started by its suites alone. */
const commands = [...Object.keys(allowed).filter((name) => name !== 'agent'), 'sandbox'];
/** Commands that take names of suites. */
const ofSuites = ['run', 'doctor'];
/** Options whose value is a file. */
const files = ['kubeconfig', 'junit'];

/** `suites`: their names as they are now; others of FUNCTIONS_DIR come with the next time it is sourced. */
export function completionOf(shell: Shell, suites: readonly string[]): string {
  if (shell === 'fish') return fish(suites);
  const script = bash(suites);
  return shell === 'bash' ? script : `autoload -U +X compinit bashcompinit && compinit && bashcompinit\n${script}`;
}

function wordsOf(command: string, suites: readonly string[]): readonly string[] {
  if (command === 'completion') return shells;
  if (command === 'sandbox') return ['fault'];
  const flags = (allowed[command] ?? []).map((option) => `--${option}`);
  return [...(ofSuites.includes(command) ? suites : []), ...flags];
}

function takesValue(option: string): boolean {
  const isBoolean = options[option as keyof typeof options].type === 'boolean';
  // By itself it is the document.
  return !isBoolean && option !== 'json';
}

function bash(suites: readonly string[]): string {
  const valued = Object.keys(options).filter(takesValue);
  const free = valued.filter((option) => ![...files, 'context', 'suites'].includes(option));
  const cases = commands.map((command) => `    ${command}) words='${wordsOf(command, suites).join(' ')}' ;;`);
  return `_kube_e2etests() {
  local words='' current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  case $before in
    ${files.map((option) => `--${option}`).join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --context) COMPREPLY=($(compgen -W "$(kubectl config get-contexts -o name 2>/dev/null)" -- "$current")); return ;;
    --suites) COMPREPLY=($(compgen -W '${suites.join(' ')}' -- "$current")); return ;;
    ${free.map((option) => `--${option}`).join('|')}|-n) return ;;
  esac
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W '${commands.join(' ')} --help --version' -- "$current")); return
  fi
  case \${COMP_WORDS[1]} in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _kube_e2etests kube-e2etests
`;
}

function fish(suites: readonly string[]): string {
  const line = (words: string) => `complete -c kube-e2etests ${words}\n`;
  const after = (command: string) => `-n '__fish_seen_subcommand_from ${command}'`;
  const first = `-n 'not __fish_seen_subcommand_from ${commands.join(' ')}' -a '${commands.join(' ')}'`;
  const flag = (command: string, option: string) => {
    const value = files.includes(option)
      ? ' -r -F'
      : option === 'context'
        ? " -x -a '(kubectl config get-contexts -o name 2>/dev/null)'"
        : takesValue(option)
          ? ' -x'
          : '';
    return line(`${after(command)} -l ${option}${value}`);
  };
  const ofCommand = (command: string) => [
    ...wordsOf(command, suites)
      .filter((word) => !word.startsWith('--'))
      .map((word) => line(`${after(command)} -a ${word}`)),
    ...(allowed[command] ?? []).map((option) => flag(command, option)),
  ];
  return [line('-f'), line(first), ...commands.flatMap(ofCommand)].join('');
}
