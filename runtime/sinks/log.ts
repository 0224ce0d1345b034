import { isSameTrouble } from '../diagnosis/headline.ts';
import type { Headline } from '../model/diagnosis.ts';
import type { Sink } from '../model/event.ts';
import type { RunResult, StepResult } from '../model/result.ts';
import { duration } from '../words/run-text.ts';

/** The part of a pino logger the sink needs. */
export interface RunLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** One line for each finished run, and for each step that failed or errored: `warn` for what is not green, else `info`. */
export function createLogSink(log: RunLog): Sink {
  return {
    name: 'log',
    record(event) {
      if (event.type === 'run-finished') logRun(log, event.result);
      if (event.type === 'step-finished') logStep(log, event);
    },
  };
}

/** One line when the headline appears, names another trouble, and ends: to be called after every event. */
export function createHeadlineLog(log: RunLog): (headline: Headline | undefined) => void {
  let shown: Headline | undefined;
  return (now) => {
    if (shown && !(now && isSameTrouble(shown, now)))
      log.info(headlineFields(shown), `No longer ${now ? 'the headline' : 'broken'}: ${nameOf(shown)}`);
    if (now && !(shown && isSameTrouble(shown, now)))
      log.warn(headlineFields(now), `Broken: ${nameOf(now)}: ${now.sentence}`);
    shown = now;
  };
}

function nameOf({ component, part }: Headline): string {
  return part ? `${component} (${part})` : component;
}

function headlineFields({ component, part, confidence, since, suites, unexplained, command }: Headline) {
  return { component, part, confidence, since, suites, unexplained, command };
}

function logRun(log: RunLog, result: RunResult): void {
  const { suite, id: run, namespace, trigger, status, durationMs, apiRequests, recovered, diagnosis } = result;
  const fields = {
    suite,
    run,
    namespace,
    trigger,
    status,
    durationMs: Math.round(durationMs),
    apiRequests: apiRequests.total,
    ...(recovered.length > 0 && { recovered: recovered.length }),
    ...(diagnosis && { component: diagnosis.component, diagnosis: diagnosis.sentence }),
  };
  log[status === 'passed' || status === 'unsupported' ? 'info' : 'warn'](
    fields,
    `${suite} ${status} after ${duration(durationMs)}`,
  );
}

interface Finished {
  readonly suite: string;
  readonly run: string;
  readonly namespace: string;
  readonly step: StepResult;
}

function logStep(log: RunLog, { suite, run, namespace, step }: Finished): void {
  if (step.status === 'passed' || step.status === 'skipped') return;
  const codes = step.findings.map(({ code, count }) => (count > 1 ? `${code} (${count} times)` : code));
  const fields = { suite, run, namespace, step: step.name, status: step.status, codes };
  log.warn(fields, `${suite}: ${step.name} ${step.status}: ${step.findings[0]?.message ?? 'no finding'}`);
}
