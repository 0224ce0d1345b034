/**
 * Runs of the past, small. A run with 20 steps is about 8 KB as objects and about 0.5 KB packed; deflated JSON is held as a
 * one-byte string, since a small Buffer costs more for its bookkeeping than for its bytes.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Finding } from '../model/finding.ts';
import type { RunResult, StepResult } from '../model/result.ts';
import { cut } from '../words/text.ts';

/** The largest packed run that still has its evidence, in bytes; without evidence a quarter of it. Whatever shape it has. */
export const largestPackedBytes = 32_768;
const largestBareBytes = largestPackedBytes / 4;

/** What a run that is too large gives up, one after another, until it fits; its verdict and its red steps last. */
const rungs: readonly ((run: RunResult) => RunResult)[] = [
  (run) => withoutEvidence({ ...run, steps: run.steps.map((step) => shorter(step, 20, 1_000)) }),
  (run) => smaller(run, { steps: 500, findings: 3, characters: 200 }),
  (run) => smaller(onlyRed(run), { steps: 50, findings: 1, characters: 100 }),
  (run) => smaller(onlyRed(run), { steps: 10, findings: 1, characters: 60 }),
];

export function pack(run: RunResult): string {
  const whole = deflate(run);
  if (whole.length <= (hasEvidence(run) ? largestPackedBytes : largestBareBytes)) return whole;
  let packed = whole;
  for (const rung of rungs) {
    packed = deflate(rung(run));
    if (packed.length <= largestBareBytes) break;
  }
  return packed;
}

export function unpack(packed: string): RunResult {
  return JSON.parse(inflateRawSync(Buffer.from(packed, 'latin1')).toString('utf8'));
}

export function hasEvidence({ steps }: RunResult): boolean {
  return steps.some(({ findings }) => findings.some(({ evidence }) => evidence));
}

/** The run without what its objects showed when it failed, by far the largest part of it. */
export function withoutEvidence(run: RunResult): RunResult {
  const bare = ({ evidence: _, ...finding }: Finding): Finding => finding;
  return { ...run, steps: run.steps.map((step) => ({ ...step, findings: step.findings.map(bare) })) };
}

interface Bounds {
  readonly steps: number;
  readonly findings: number;
  readonly characters: number;
}

function smaller(run: RunResult, { steps, findings, characters }: Bounds): RunResult {
  const { diagnosis } = run;
  return withoutEvidence({
    ...run,
    namespace: cut(run.namespace, characters),
    recovered: run.recovered.slice(0, findings).map((ref) => ({ ...ref, name: cut(ref.name, characters) })),
    steps: run.steps.slice(0, steps).map((step) => shorter(step, findings, characters)),
    ...(diagnosis && { diagnosis: { ...diagnosis, sentence: cut(diagnosis.sentence, 5 * characters), evidence: [] } }),
  });
}

function shorter(step: StepResult, most: number, characters: number): StepResult {
  return {
    ...step,
    name: cut(step.name, characters),
    measurements: [],
    notes: most > 1 ? step.notes.slice(0, most).map((note) => cut(note, characters)) : [],
    findings: step.findings
      .slice(0, most)
      .map((finding) => ({ ...finding, message: cut(finding.message, characters) })),
  };
}

function onlyRed(run: RunResult): RunResult {
  return { ...run, steps: run.steps.filter(({ status }) => status === 'failed' || status === 'errored') };
}

function deflate(run: RunResult): string {
  return deflateRawSync(JSON.stringify({ ...run, steps: run.steps.map(roundTimes) }), { level: 3 }).toString('latin1');
}

/** To tenths of a millisecond: the digits after that are noise, and half of a packed run. */
function roundTimes(step: StepResult): StepResult {
  const round = (ms: number) => Math.round(ms * 10) / 10;
  const measurements = step.measurements.map((measurement) =>
    measurement.kind === 'action' ? { ...measurement, durationMs: round(measurement.durationMs) } : measurement,
  );
  return { ...step, durationMs: round(step.durationMs), measurements };
}
