/** Prometheus' own tool. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Why it cannot be used here; false where it can. */
export const noPromtool: string | false =
  spawnSync('promtool', ['--version']).status === 0
    ? false
    : "SKIPPED: no promtool on the PATH; it is in Debian's package prometheus";

/** Runs it beside these files; what it says. */
export function promtool(t: TestContext, files: Readonly<Record<string, string>>, ...words: string[]): string {
  const cwd = mkdtempSync(join(tmpdir(), 'promtool-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(cwd, name), content);
  const { status, stdout, stderr } = spawnSync('promtool', words, { cwd, encoding: 'utf8', timeout: 120_000 });
  assert.equal(status, 0, `${stdout}${stderr}`);
  return stdout;
}
