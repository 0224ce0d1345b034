/**
 * Runs of the past, small. A run with 20 steps is about 8 KB as objects and about 0.5 KB packed; deflated JSON is held as a
 * one-byte string, since a small Buffer costs more for its bookkeeping than for its bytes.
 */
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Finding, RunResult, StepResult } from '../model.ts';

/** The largest packed run, in bytes. What is larger loses its measurements, and keeps 20 findings of each step. */
export const largestPackedBytes = 32_768;
const findingsOfALargeStep = 20;

export function pack(run: RunResult): string {
  const packed = deflate(run);
  return packed.length <= largestPackedBytes ? packed : deflate(shrink(run));
}

export function unpack(packed: string): RunResult {
  return JSON.parse(inflateRawSync(Buffer.from(packed, 'latin1')).toString('utf8'));
}

/** The run without what its objects showed when it failed, by far the largest part of it. */
export function withoutEvidence(run: RunResult): RunResult {
  const bare = ({ evidence: _, ...finding }: Finding): Finding => finding;
  return { ...run, steps: run.steps.map((step) => ({ ...step, findings: step.findings.map(bare) })) };
}

function shrink(run: RunResult): RunResult {
  const smaller = (step: StepResult): StepResult => ({
    ...step,
    measurements: [],
    notes: step.notes.slice(0, findingsOfALargeStep),
    findings: step.findings.slice(0, findingsOfALargeStep),
  });
  return withoutEvidence({ ...run, steps: run.steps.map(smaller) });
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
