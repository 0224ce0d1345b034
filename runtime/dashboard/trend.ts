/** How long a suite and its steps took over the last runs: one chart for the whole, a small one for each step. */
import type { RunResult, StepStatus, Verdict } from '../model/result.ts';
import { duration } from '../words/run-text.ts';
import { html, type Markup } from './html.ts';
import { exact, foreign, statusTone } from './words.ts';

const width = 1000;
const height = 160;
const lineHeight = 28;

interface Point {
  readonly ms: number;
  readonly status: StepStatus;
}

/** `runs`: oldest first. A passed run is a dot, a failed one a cross, an errored one a triangle. */
export function trend(runs: readonly RunResult[]): Markup {
  const scale = scaleOf(runs.map((run) => run.durationMs));
  const place = placing(runs.length, scale.at, height - 12);
  const marks = runs.map((run, index) => {
    const [x, y] = place(run.durationMs, index);
    return html`<a href="/runs/${encodeURIComponent(run.id)}"${index < runs.length - 1 && html` tabindex="-1"`}><title>${run.status}, ${duration(run.durationMs)}, ${exact(run.finishedAt)}</title><path class="${statusTone[run.status]}" d="${shape(run.status, x, y + 6)}"/></a>`;
  });
  const line = runs.map((run, index) => place(run.durationMs, index)).map(([x, y]) => `${x},${y + 6}`);
  return html`<figure class="trend"><figcaption>Duration of the last ${runs.length} runs, oldest left <span class="dim">dot passed, cross failed, triangle errored${scale.isLogarithmic && '; the scale is logarithmic'}</span></figcaption>
<div class="plot"><span class="top">${duration(scale.top)}</span><span class="mid">${duration(scale.middle)}</span><span class="zero">${duration(scale.bottom)}</span><svg viewBox="-8 0 ${width + 16} ${height}" role="group" aria-label="Duration of each run"><path class="grid" d="M0 6H${width}M0 ${height / 2}H${width}M0 ${height - 6}H${width}"/><polyline class="line" points="${line.join(' ')}"/>${marks}</svg></div></figure>`;
}

interface Scale {
  readonly isLogarithmic: boolean;
  readonly top: number;
  readonly middle: number;
  readonly bottom: number;
  /** 0 at the bottom, 1 at the top. */
  readonly at: (ms: number) => number;
}

/** From nothing, or logarithmic where the longest would press all others flat. */
function scaleOf(times: readonly number[]): Scale {
  const top = Math.max(1, ...times);
  const bottom = Math.max(1, Math.min(...times) / 2);
  if (top / bottom < 20) return { isLogarithmic: false, top, middle: top / 2, bottom: 0, at: (ms) => ms / top };
  const span = Math.log(top / bottom);
  const at = (ms: number) => Math.max(0, Math.log(Math.max(1, ms) / bottom) / span);
  return { isLogarithmic: true, top, middle: Math.sqrt(top * bottom), bottom, at };
}

/** A row for each step name, in the order of the newest run that has it. */
export function stepTrends(runs: readonly RunResult[]): Markup {
  const series = new Map<string, Point[]>();
  for (const run of runs.toReversed())
    for (const step of run.steps) if (!series.has(step.name)) series.set(step.name, []);
  for (const run of runs)
    for (const { name, durationMs: ms, status } of run.steps) series.get(name)!.push({ ms, status });
  const rows = [...series].slice(0, 60).map(([name, points]) => stepTrend(name, points));
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Steps over time"><table class="trends"><caption class="off">Duration of each step over time</caption><thead><tr><th scope="col">Step</th><th scope="col">Over time</th><th scope="col" class="num">Last</th><th scope="col" class="num">Median</th><th scope="col" class="num">Longest</th><th scope="col" class="num">Not passed</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function stepTrend(name: string, points: readonly Point[]): Markup {
  const ran = points.filter((point) => point.status !== 'skipped');
  const times = ran.map((point) => point.ms).sort((a, b) => a - b);
  const red = ran.filter((point) => point.status !== 'passed').length;
  const figure = (ms: number | undefined) => (ms === undefined ? '' : duration(ms));
  return html`<tr><th scope="row">${foreign(name, 200)}</th><td>${spark(ran)}</td><td class="num">${figure(ran.at(-1)?.ms)}</td><td class="num">${figure(times[Math.floor(times.length / 2)])}</td><td class="num">${figure(times.at(-1))}</td><td class="num">${red > 0 ? html`<b class="word bad">${red} of ${ran.length}</b>` : `0 of ${ran.length}`}</td></tr>`;
}

function spark(points: readonly Point[]): Markup {
  const scale = scaleOf(points.map((point) => point.ms));
  const place = placing(points.length, scale.at, lineHeight - 6);
  const line = points.map((point, index) => place(point.ms, index)).map(([x, y]) => `${x},${y + 3}`);
  const red = points
    .map((point, index) => (point.status === 'passed' ? '' : `M${place(0, index)[0]} 0v${lineHeight}`))
    .join('');
  return html`<svg class="spark" viewBox="0 0 ${width} ${lineHeight}" preserveAspectRatio="none" aria-hidden="true">${red && html`<path class="bad" d="${red}"/>`}<polyline class="line" points="${line.join(' ')}"/></svg>`;
}

function placing(
  length: number,
  at: Scale['at'],
  tall: number,
): (ms: number, index: number) => readonly [number, number] {
  const step = length > 1 ? width / (length - 1) : 0;
  return (ms, index) => [length > 1 ? Math.round(index * step) : width, Math.round((1 - at(ms)) * tall * 10) / 10];
}

function shape(status: StepStatus | Verdict, x: number, y: number): string {
  if (status === 'failed') return `M${x - 5} ${y - 5}l10 10m0-10l-10 10`;
  if (status === 'unsupported') return `M${x - 5} ${y}h10`;
  if (status === 'errored') return `M${x} ${y - 6}l6 11h-12z`;
  return `M${x - 3.5} ${y}a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z`;
}
