/** Completion, as the shells themselves do it. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { completionOf } from '../../runtime/cli/completion.ts';
import { parseCommand, UsageError } from '../../runtime/cli/usage.ts';

const suites = ['dns', 'http', 'http_update'];
const folder = mkdtempSync(join(tmpdir(), 'completion-'));
const file = (shell: string) => join(folder, shell);

before(() => {
  for (const shell of ['bash', 'fish'] as const) writeFileSync(file(shell), completionOf(shell, suites));
});
after(() => rmSync(folder, { recursive: true }));

const lacks = (shell: string) => spawnSync(shell, ['--version']).error && `there is no ${shell} here`;

function inBash(line: string): readonly string[] {
  const words = line.split(' ');
  const script = `source ${file('bash')}; COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _kube_e2etests; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const text = execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8', cwd: folder });
  return text.split('\n').filter(Boolean);
}

function inFish(line: string): readonly string[] {
  const script = `source ${file('fish')}; complete -C '${line}'`;
  const text = execFileSync('fish', ['--no-config', '-c', script], { encoding: 'utf8', cwd: folder });
  return text
    .split('\n')
    .filter(Boolean)
    .map((one) => one.split('\t')[0] ?? '');
}

for (const [shell, complete] of [
  ['bash', inBash],
  ['fish', inFish],
] as const)
  describe(shell, { skip: lacks(shell) }, () => {
    test('commands come first', () => {
      assert.deepEqual(complete('kube-e2etests do'), ['doctor']);
      assert.ok(complete('kube-e2etests ').includes('run'));
      assert.ok(!complete('kube-e2etests ').includes('agent'));
    });

    test('run and doctor take suites, and each command its own options', () => {
      assert.deepEqual([...complete('kube-e2etests run dns http')].sort(), ['http', 'http_update']);
      assert.deepEqual(complete('kube-e2etests doctor dn'), ['dns']);
      assert.deepEqual(complete('kube-e2etests run --fail'), ['--fail-fast']);
      assert.deepEqual(complete('kube-e2etests manifests --kn'), ['--knative']);
      assert.deepEqual(complete('kube-e2etests list --kn'), []);
    });

    test('a file is expected where one is to be named', () => {
      assert.ok(complete('kube-e2etests run --kubeconfig ').some((one) => one.endsWith('bash')));
      assert.deepEqual(complete('kube-e2etests run --namespace h'), []);
    });
  });

test('zsh takes that of bash', () => {
  assert.match(completionOf('zsh', suites), /bashcompinit/);
  assert.ok(completionOf('zsh', suites).endsWith(completionOf('bash', suites)));
});

test('zsh reads it', { skip: lacks('zsh') }, () => {
  writeFileSync(file('zsh'), completionOf('zsh', suites));
  const { status, stderr } = spawnSync(
    'zsh',
    ['-f', '-c', `source ${file('zsh')} && (( $+functions[_kube_e2etests] ))`],
    {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder, ZDOTDIR: folder },
    },
  );
  assert.deepEqual([status, stderr], [0, '']);
});

test('a shell that there is not is told', () => {
  assert.deepEqual(parseCommand(['completion', 'fish']), { name: 'completion', shell: 'fish' });
  for (const words of [[], ['tcsh'], ['bash', 'zsh']])
    assert.throws(
      () => parseCommand(['completion', ...words]),
      (error) => error instanceof UsageError && /bash, zsh, fish/.test(error.message),
    );
});
