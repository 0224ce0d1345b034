/** A run as a person reads it: the CLI prints it, POST /run answers with it to `accept: text/plain`. Pure. */

import type { Diagnosis } from '../model/diagnosis.ts';
import type { ObjectView } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import type { Slowness } from '../model/health.ts';
import type { ObjectRef } from '../model/object-ref.ts';
import type { RunResult, StepResult, StepStatus, Verdict } from '../model/result.ts';
import { renderCluster } from './cluster-words.ts';

export interface ReportOptions {
  /** ANSI colours. Marks and words carry the verdict as well. */
  readonly colour: boolean;
}

type Paint = (style: Style, text: string) => string;
type Style = keyof typeof styles;

const styles = { green: 32, red: 31, yellow: 33, dim: 2, bold: 1 } as const;
const marks = {
  passed: { mark: '✓', style: 'green' },
  failed: { mark: '✗', style: 'red' },
  errored: { mark: '!', style: 'yellow' },
  skipped: { mark: '-', style: 'dim' },
  unsupported: { mark: '–', style: 'dim' },
} as const satisfies Record<StepStatus | Verdict, { mark: string; style: Style }>;

/** One line for each step, its findings under it, then the verdict. Ends with a line break. */
export function renderReport(result: RunResult, { colour }: ReportOptions): string {
  const paint = painter(colour);
  const where = result.namespace ? ` in namespace ${plain(result.namespace)}` : '';
  return [
    `${paint('bold', plain(result.suite))}${where}, run ${plain(result.id)}`,
    ...(result.cluster ? [`  on ${plain(renderCluster(result.cluster))}`] : []),
    ...result.steps.flatMap((step) => [renderStep(step, { colour }), ...renderDetails(step, { colour })]),
    ...renderVerdict(result, { colour }),
    '',
  ].join('\n');
}

/** What the run removed, its verdict, and what is broken. */
export function renderVerdict(result: RunResult, { colour }: ReportOptions): readonly string[] {
  const paint = painter(colour);
  return [
    ...result.recovered.map((ref) => `  Removed what a dead run had left: ${nameOf(ref)}`),
    verdictOf(result, paint),
    ...(result.unmet
      ? [`  The cluster does not offer ${plain(result.unmet.requirement)}: ${plain(result.unmet.reason)}.`]
      : []),
    ...(result.diagnosis ? diagnosisLines(result.diagnosis, paint) : []),
  ];
}

/** The line of one step: mark, name, how long it took. No line break. */
export function renderStep(step: StepResult, { colour }: ReportOptions): string {
  const paint = painter(colour);
  const { mark, style } = marks[step.status];
  const words = step.status === 'skipped' || step.status === 'errored' ? ` (${step.status})` : '';
  const time = step.status === 'skipped' ? '' : ` ${paint('dim', duration(step.durationMs))}`;
  return `  ${paint(style, mark)} ${plain(step.name)}${words}${time}`;
}

/** A step's findings, or the notes of one that passed. */
export function renderDetails(step: StepResult, { colour }: ReportOptions): readonly string[] {
  const paint = painter(colour);
  return [
    ...step.notes.map((note) => `      ${paint('dim', plain(note))}`),
    ...step.findings.map((finding) => `      ${paint('red', finding.code)} ${findingText(finding)}`),
    ...objectsOf(step).map((line) => `        ${paint('dim', line)}`),
  ];
}

/** `850 ms`, `2.4 s`, `1 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** What a slow run is measured by: `took 9.1 s, usually 2.4 s; slow beyond 7.2 s`. */
export function slowWords(tookMs: number, { afterMs, usualMs }: Omit<Slowness, 'since'>): string {
  const usually = usualMs === undefined ? '' : `, usually ${duration(usualMs)}`;
  return `took ${duration(tookMs)}${usually}; slow beyond ${duration(afterMs)}`;
}

function findingText({ message, count, object }: Finding): string {
  const times = count > 1 ? ` (${count} times)` : '';
  const on = object && !message.includes(object.name) ? ` on ${nameOf(object)}` : '';
  return `${plain(message)}${on}${times}`;
}

/** Objects of the suite's own kinds when the step failed, each once: `job/pi: 0 of 3 completions`. */
function objectsOf({ findings }: StepResult): readonly string[] {
  const objects = findings.flatMap(({ evidence }) => evidence?.objects ?? []);
  return [...new Set(objects.map(objectText))];
}

/** What it is, what its status says, and its conditions that are not True. */
function objectText({ kind, name, state, conditions }: ObjectView): string {
  const unmet = conditions
    .filter(({ status }) => status !== 'True')
    .map(({ type, status, reason }) => `${type}=${status}${reason ? ` (${reason})` : ''}`);
  const words = [state, ...unmet].filter(Boolean).join(', ');
  return plain(`${kind}/${name}${words && `: ${words}`}`);
}

function verdictOf(result: RunResult, paint: Paint): string {
  const { mark, style } = marks[result.status];
  const { total, watches, retries } = result.apiRequests;
  const counted = [count(watches, 'watch', 'watches'), count(retries, 'retry', 'retries')].join(', ');
  const requests = `${count(total, 'request', 'requests')} to the API server (${counted})`;
  return `${paint(style, `${mark} ${result.status}`)} after ${duration(result.durationMs)}, ${requests}`;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function diagnosisLines(diagnosis: Diagnosis, paint: Paint): readonly string[] {
  const { component, part, confidence, sentence, command } = diagnosis;
  const what = part ? `${component} (${part})` : component;
  return [
    `  ${paint('bold', 'Broken')}: ${plain(what)}, ${confidence}. ${plain(sentence)}`,
    ...(command ? [`  Look first: ${plain(command)}`] : []),
  ];
}

function nameOf({ kind, name, namespace }: ObjectRef): string {
  return plain(`${kind}/${name}${namespace ? ` in ${namespace}` : ''}`);
}

function painter(colour: boolean): Paint {
  return (style, text) => (colour ? `\u001b[${styles[style]}m${text}\u001b[0m` : text);
}

/** One line, without what a terminal would obey: texts of the cluster are not trusted. */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Bidi_Control}]/gu, '�');
}
