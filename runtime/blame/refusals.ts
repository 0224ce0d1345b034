/**
 * The catalogue of refusals: who said no, read from the words of the API server's answer or of a controller that got one.
 *
 * The form decides, not a list of words: "… forbidden: …" and "… denied the request" are the answer of what people set up, by
 * whichever plugin of whichever distribution. Only what shows a broken cluster is the cluster's. Pure; the verdict (kube/) and the
 * diagnosis both read it here.
 */
import type { Blame } from '../model/blame.ts';

export type Refuser =
  | 'quota'
  | 'limits'
  | 'webhook'
  | 'policy'
  | 'pod-security'
  | 'rbac'
  /** An admission plugin that has no entry of its own. */
  | 'plugin'
  /** An object that is not valid, perhaps only after somebody changed it on its way. */
  | 'validation'
  | 'dead-webhook'
  | 'no-service-account';

export interface Refusal {
  readonly by: Refuser;
  /** Of the quota, the webhook, the policy, or the resource that RBAC guards; '' where the words name none. */
  readonly name: string;
  /** The refusal's own words, without what stands before them; at most 300 characters. */
  readonly words: string;
  readonly blame: Blame;
  /** Who asked, and which verb, where RBAC refused. */
  readonly user?: string;
  readonly verb?: string;
}

interface Form {
  readonly by: Refuser;
  readonly blame: Blame;
  /** Its first group is the name. */
  readonly pattern: RegExp;
}

/** What says so at the beginning of the words decides: a webhook may quote anything in its denial. */
const decisive: readonly Form[] = [
  // Whatever status the webhook chose. Source: k8s.io/apiserver/pkg/admission/plugin/webhook/errors, ToStatusErr.
  { by: 'webhook', blame: 'us', pattern: /admission webhook "([^"]+)" denied the request/ },
  { by: 'policy', blame: 'us', pattern: /ValidatingAdmissionPolicy '([^']+)'[\s\S]* denied request/ },
  { by: 'dead-webhook', blame: 'cluster', pattern: /failed calling (?:admission )?webhook "([^"]+)"/ },
  { by: 'dead-webhook', blame: 'cluster', pattern: /conversion webhook for (.+?) failed/ },
  // Such as of the image policy's backend.
  { by: 'dead-webhook', blame: 'cluster', pattern: /forbidden: (?:Post|Get) "?(https?:\/\/[^\s"]+)"?:/ },
  // Another account is one that somebody asked for and nobody made.
  {
    by: 'no-service-account',
    blame: 'cluster',
    pattern:
      /error looking up service account ([^\s/]+\/default):|no API token found for service account "?(?:default)\b/,
  },
];

const ofPeople: readonly Form[] = [
  { by: 'quota', blame: 'us', pattern: /exceeded quota: ([^,]+)/ },
  { by: 'quota', blame: 'us', pattern: /status unknown for quota: ([^,]+)/ },
  { by: 'limits', blame: 'us', pattern: /failed quota: ([^:]+): must specify/ },
  {
    by: 'limits',
    blame: 'us',
    pattern: /(?:minimum|maximum) \S+ usage per \w+ is|\S+ max limit to request ratio per \w+/,
  },
  { by: 'pod-security', blame: 'us', pattern: /violates PodSecurity "([^"]+)"/ },
  {
    by: 'pod-security',
    blame: 'us',
    pattern: /PodSecurityPolicy:|against any (?:pod security policy|security context constraint)/,
  },
  { by: 'rbac', blame: 'us', pattern: /User "(?<user>[^"]+)" cannot (?<verb>\S+) (?:resource|path) "([^"]+)"/ },
  { by: 'plugin', blame: 'us', pattern: /(?:^|\s)forbidden: /i },
  { by: 'plugin', blame: 'us', pattern: /denied(?: the)? request/i },
  { by: 'validation', blame: 'us', pattern: / "[^"]*" is invalid: / },
];

const longestWords = 300;

/** Undefined where the text tells of no refusal. */
export function refusalIn(text: string): Refusal | undefined {
  const [first] = decisive.flatMap((form) => found(form, text)).sort((left, right) => left.index - right.index);
  const [other] = first ? [first] : ofPeople.flatMap((form) => found(form, text));
  return other?.refusal;
}

/** It is a "no" of what looks at requests, and no answer that another try may change, whatever its status. */
export function isDenial(text: string): boolean {
  const by = refusalIn(text)?.by;
  return by === 'webhook' || by === 'policy';
}

function found({ by, blame, pattern }: Form, text: string): { index: number; refusal: Refusal }[] {
  const match = pattern.exec(text);
  if (!match) return [];
  const { index, groups } = match;
  const name = (groups ? match[3] : match[1]) ?? '';
  // The form's own word is no part of what was said.
  const from = by === 'plugin' && /forbidden: $/i.test(match[0]) ? index + match[0].length : index;
  const words = text.slice(from, from + longestWords).replace(/\.$/, '');
  return [{ index, refusal: { by, name, words, blame, ...groups } }];
}
