/** What the command line makes of words and results, without a process. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { junitOf } from '../../runtime/cli/junit.ts';
import { picked } from '../../runtime/cli/patterns.ts';
import { aFailedRun, aFinding, aRun, aStep } from '../results.ts';

test('a pattern is a name with stars, and ! before it leaves out', () => {
  const all = ['dns', 'http', 'http_update', 'service'];
  const chosen = (...words: string[]) => {
    const { suites, isWanted } = picked(words);
    return `${suites}: ${all.filter(isWanted).join(',')}`;
  };
  assert.equal(chosen('http', 'DNS'), 'http,DNS: dns,http,http_update,service', 'names alone are loaded alone');
  assert.equal(chosen('http*'), 'all: http,http_update');
  assert.equal(chosen('dns,*update'), 'dns,all: dns,http_update');
  assert.equal(chosen('!http*', '!dns'), 'undefined: service');
  assert.equal(chosen('http*', '!HTTP_update'), 'all: http');
  assert.deepEqual(picked(['http*', '!d*', 'ser', 'x*']).unmatched(all), ['x*']);
});

test('JUnit counts steps by what became of them, and holds any text', () => {
  const evil = 'a "<b>" & \u0007\ud800 end';
  const failed = aFailedRun('web', {
    steps: [
      aStep('One'),
      aStep('Two', 'failed', { findings: [aFinding({ message: evil, count: 2 })] }),
      aStep('Three', 'errored', { findings: [] }),
      aStep('Four', 'skipped'),
    ],
  });
  const unsupported = aRun('gold', {
    status: 'unsupported',
    steps: [aStep('Look', 'skipped')],
    unmet: { requirement: 'gold', reason: 'there is none' },
  });
  const xml = junitOf([{ name: 'web' }, { name: 'gold' }, { name: 'late' }], [failed, unsupported]);
  assert.match(xml, /<testsuite name="web" tests="4" failures="1" errors="1" skipped="1"/);
  assert.match(xml, /message="a &quot;&lt;b&gt;&quot; &amp; \uFFFD\uFFFD end"/);
  assert.match(xml, /\(2 times\)<\/failure>/);
  assert.match(xml, /<error message="errored" type="errored"><\/error>/);
  assert.match(xml, /<skipped message="unsupported: gold: there is none"\/>/);
  assert.match(xml, /<testsuite name="late" tests="1" failures="0" errors="0" skipped="1"/);
  assert.equal(xml.match(/<testcase/g)?.length, xml.match(/<\/testcase>|<testcase[^>]*\/>/g)?.length);
});
