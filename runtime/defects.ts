/** How a finding is thrown, and what is thrown instead of one. */

import { catalogue, type FindingCode } from './findings.ts';
import type { Blame } from './model/blame.ts';
import type { Evidence } from './model/evidence.ts';
import type { Finding } from './model/finding.ts';
import type { ObjectRef } from './model/object-ref.ts';
import { cut } from './words/text.ts';

const longestMessage = 1000;

export interface DefectOptions {
  /** Default: the catalogue's. */
  blame?: Blame;
  object?: ObjectRef;
  evidence?: Evidence;
  /** How many times the same thing was seen. Default 1. */
  count?: number;
  cause?: unknown;
}

/** One finding, thrown. What a step throws that is not a Defect or Defects is a defect of ours: `run.defect`, errored. */
export class Defect extends Error {
  override readonly name = 'Defect';
  declare readonly finding: Finding;

  constructor(code: FindingCode, message: string, options: DefectOptions = {}) {
    super(message, { cause: options.cause });
    const finding: Finding = Object.freeze({
      code,
      blame: options.blame ?? catalogue[code].blame,
      message: cut(message, longestMessage),
      count: options.count ?? 1,
      ...(options.object && { object: options.object }),
      ...(options.evidence && { evidence: options.evidence }),
    });
    // Not enumerable: a logger takes what has a message for an error, and writes on it.
    Object.defineProperty(this, 'finding', { value: finding });
  }
}

/** Several findings of one step, such as two pods on the wrong node. */
export class Defects extends Error {
  override readonly name = 'Defects';
  readonly findings: readonly Finding[];

  constructor(findings: readonly Finding[]) {
    super(findings.map((finding) => finding.message).join('; '));
    this.findings = findings;
  }
}

/** Throws nothing for no findings, and all of them together otherwise. */
export function throwFindings(defects: readonly Defect[]): void {
  if (defects.length > 0) throw new Defects(mergeFindings(defects.map((defect) => defect.finding)));
}

/** The findings an error stands for, in the order found, equal ones counted. */
export function findingsOf(error: unknown): readonly Finding[] {
  if (error instanceof Defect) return [error.finding];
  if (error instanceof Defects) return error.findings;
  return [new Defect('run.defect', `Unexpected ${describe(error)}`, { cause: error }).finding];
}

/** Equal findings (code, object and message) become one with the sum of their counts. */
export function mergeFindings(findings: readonly Finding[]): readonly Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const key = JSON.stringify([finding.code, finding.blame, finding.message, finding.object]);
    const known = merged.get(key);
    merged.set(key, known ? { ...known, count: known.count + finding.count } : finding);
  }
  return [...merged.values()];
}

/** Another live process runs in this namespace. Not a finding: the run never began. */
export class Held extends Error {
  override readonly name = 'Held';
  readonly holder: string;
  readonly retryAfterMs: number;

  constructor(holder: string, retryAfterMs: number, namespace: string) {
    super(`Another process runs in namespace ${namespace}: ${holder}`);
    this.holder = holder;
    this.retryAfterMs = retryAfterMs;
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
