import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pino } from 'pino';
import { Defect, Defects, findingsOf, mergeFindings, throwFindings } from '../../runtime/defects.ts';
import { catalogue } from '../../runtime/findings.ts';

const guide = readFileSync(new URL('../../TROUBLESHOOTING.md', import.meta.url), 'utf8');
const sections = [...guide.matchAll(/^### ([a-z0-9]+\.[a-z0-9_]+)$/gm)].map(([, code]) => code);

test('every finding code has its section in TROUBLESHOOTING.md, and no section speaks of a code that is gone', () => {
  assert.deepEqual(sections.toSorted(), Object.keys(catalogue).toSorted());
});

test("a section says first whether the code means failed or errored, as the catalogue's blame does", () => {
  for (const [code, { blame }] of Object.entries(catalogue)) {
    const text = guide.slice(guide.indexOf(`### ${code}\n`)).split('\n')[2];
    assert.match(text ?? '', blame === 'cluster' ? /^failed[.,]/ : /^errored\./, code);
  }
});

test('equal findings are counted, not repeated', () => {
  const one = new Defect('http.timeout', 'GET pod/a: no answer within 5 s');
  const other = new Defect('http.timeout', 'GET pod/b: no answer within 5 s');
  assert.deepEqual(
    mergeFindings([one.finding, other.finding, one.finding]).map(({ message, count }) => [message, count]),
    [
      ['GET pod/a: no answer within 5 s', 2],
      ['GET pod/b: no answer within 5 s', 1],
    ],
  );
});

test('no findings throw nothing, some throw together', () => {
  throwFindings([]);
  assert.throws(() => throwFindings([new Defect('k8s.same_node', 'a'), new Defect('k8s.same_node', 'b')]), Defects);
});

test('what is not a finding is a defect of ours', () => {
  const [finding] = findingsOf(new TypeError('x is undefined'));
  assert.equal(finding?.code, 'run.defect');
  assert.equal(finding?.blame, 'us');
  assert.match(finding?.message ?? '', /TypeError: x is undefined/);
});

test('a message is cut at 1,000 characters', () => {
  assert.equal(new Defect('run.defect', 'x'.repeat(5000)).finding.message.length, 1000);
});

test('a logger can write a finding', () => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  log.error(new Defect('k8s.prerequisite_missing', 'The kubeconfig has no current context'));
  assert.match(lines.join(''), /has no current context/);
});
