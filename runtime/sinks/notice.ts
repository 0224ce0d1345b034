/** What is said when the headline changes, in the shapes that receivers take. Pure. */
import type { Headline } from '../model/diagnosis.ts';
import { cut } from '../words/text.ts';

export type NotifyFormat = 'cloudevent' | 'slack' | 'teams' | 'alertmanager';

export interface Notice {
  /** Of this notice alone: who gets it twice may drop the second. */
  readonly id: string;
  readonly status: 'broken' | 'over';
  readonly headline: Headline;
  /** When it was noticed, ISO 8601. */
  readonly at: string;
  readonly cluster: string;
  /** PAGE_URL. */
  readonly page?: string;
}

export interface Shape {
  readonly contentType: string;
  body(notice: Notice): unknown;
  /** Whether a receiver drops what it has had: such a notice may be sent again where no answer came. */
  readonly isSafeTwice: boolean;
  /** Milliseconds after which what stands is said again; undefined: once is enough. */
  readonly repeatMs?: number;
}

/** An alert that is not repeated ends by itself: as Prometheus does, it holds for several repeats. */
const alertRepeatMs = 60_000;
const alertHoldsMs = 4 * alertRepeatMs;
const longest = 1_000;

export const shapes: Readonly<Record<NotifyFormat, Shape>> = {
  cloudevent: { contentType: 'application/cloudevents+json', isSafeTwice: true, body: cloudEvent },
  slack: { contentType: 'application/json', isSafeTwice: false, body: slack },
  teams: { contentType: 'application/json', isSafeTwice: false, body: teams },
  alertmanager: { contentType: 'application/json', isSafeTwice: true, repeatMs: alertRepeatMs, body: alerts },
};

function nameOf({ component, part }: Headline): string {
  return part ? `${component} (${part})` : component;
}

function titleOf({ status, headline, cluster }: Notice): string {
  return `${cluster}: ${nameOf(headline)} ${status === 'broken' ? 'is broken' : 'is no longer broken'}`;
}

function factsOf({ status, headline, at }: Notice): readonly (readonly [string, string])[] {
  const { since, suites, confidence, command } = headline;
  return [
    ['Suites', suites.join(', ')],
    ['Since', since],
    ...(status === 'over' ? [['Until', at] as const] : [['Confidence', confidence] as const]),
    ...(status === 'broken' && command ? [['Look first', command] as const] : []),
  ];
}

function cloudEvent(notice: Notice) {
  const { id, status, headline, at, cluster, page } = notice;
  const { component, part, confidence, sentence, since, suites, unexplained, command } = headline;
  return {
    specversion: '1.0',
    id,
    source: `/kube-e2etests/${encodeURIComponent(cluster)}`,
    type: `io.kube-e2etests.headline.${status}`,
    subject: nameOf(headline),
    time: at,
    datacontenttype: 'application/json',
    data: { cluster, status, component, part, confidence, sentence, since, suites, unexplained, command, page },
  };
}

function slack(notice: Notice) {
  const { status, headline, page } = notice;
  const title = `${status === 'broken' ? ':red_circle:' : ':large_green_circle:'} *${mrkdwn(titleOf(notice))}*`;
  const facts = factsOf(notice).map(([name, text]) =>
    name === 'Look first' ? `${name}: \`${mrkdwn(text).replaceAll('`', "'")}\`` : `${name}: ${mrkdwn(text)}`,
  );
  const lines = [title, ...(status === 'broken' ? [mrkdwn(headline.sentence)] : []), ...facts];
  return { text: cut([...lines, ...(page ? [`<${mrkdwn(page)}|Open the page>`] : [])].join('\n'), 3_000) };
}

/** Slack reads these three as markup. */
function mrkdwn(text: string): string {
  return cut(text, longest).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** An Adaptive Card, as the Workflows webhook of Teams takes it. */
function teams(notice: Notice) {
  const { status, headline, page } = notice;
  const text = (words: string, more: object = {}) => ({ type: 'TextBlock', text: literal(words), wrap: true, ...more });
  const color = status === 'broken' ? 'Attention' : 'Good';
  const facts = factsOf(notice).map(([title, value]) => ({ title, value: literal(value) }));
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      text(titleOf(notice), { weight: 'Bolder', size: 'Medium', color }),
      ...(status === 'broken' ? [text(headline.sentence)] : []),
      { type: 'FactSet', facts },
    ],
    ...(page && { actions: [{ type: 'Action.OpenUrl', title: 'Open the page', url: page }] }),
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
  };
}

/** Cards read Markdown: names hold underscores and stars, messages brackets. */
function literal(words: string): string {
  return cut(words, longest).replace(/[\\*_[\]]/g, '\\$&');
}

/** As Prometheus sends them to `/api/v2/alerts`: one alert is known again by its labels. */
function alerts(notice: Notice) {
  const { status, headline, at, cluster, page } = notice;
  const { component, part, confidence, sentence, since, suites, command } = headline;
  const holdsMs = status === 'broken' ? alertHoldsMs : 0;
  return [
    {
      labels: { alertname: 'KubeE2EBroken', severity: 'critical', cluster, component, ...(part && { part }) },
      annotations: {
        summary: `${nameOf(headline)} is broken`,
        description: cut(sentence, longest),
        suites: suites.join(', '),
        confidence,
        ...(command && { command }),
      },
      startsAt: since,
      endsAt: new Date(Date.parse(at) + holdsMs).toISOString(),
      ...(page && { generatorURL: page }),
    },
  ];
}
