/** The answers of an agent. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { report } from './ask.ts';
import { type AgentQuestion, mostNames, mostPeers, type NamesQuestion, paths, reportMs, sizes } from './contract.ts';
import { namesReport } from './names.ts';
import { createGuard, headers, proofOf } from './signature.ts';
import type { Ways } from './ways.ts';

export interface AgentOptions {
  /** The run's: who has it may ask. */
  readonly key: string;
  /** The node that the agent is on. */
  readonly node: string;
  readonly ways: Ways;
}

const longestBody = 16_384;
/** Reports under way at once; a run asks for one. */
const mostReports = 4;

/** For an HTTP server. Whoever has no signature gets 403 and no word more. */
export function createAgent(options: AgentOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const isAllowed = createGuard(options.key);
  let reports = 0;

  const answer = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = 'GET', url = '/' } = incoming;
    if (method === 'GET' && url === paths.healthy) return end(response, 200);
    const body = await bodyOf(incoming);
    if (body === undefined) return end(response, 413);
    if (!isAllowed({ method, path: url, body }, incoming.headers)) return end(response, 403);
    const prove = (text: string) => {
      const proof = proofOf(options.key, String(incoming.headers[headers.once]), text);
      response.writeHead(200, { [headers.proof]: proof, 'content-length': Buffer.byteLength(text) }).end(text);
    };
    if (method === 'GET') {
      const bytes = bytesOf(url);
      return bytes === undefined ? end(response, 404) : prove('.'.repeat(bytes));
    }
    const reporting = method === 'POST' ? reportOn(url, body, options) : undefined;
    if (!reporting) return end(response, 400);
    if (reports >= mostReports) return end(response, 429);
    reports += 1;
    try {
      prove(JSON.stringify(await reporting()));
    } finally {
      reports -= 1;
    }
  };

  return (incoming, response) => {
    answer(incoming, response).catch(() => response.destroy());
  };
}

function end(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'content-length': 0 }).end();
}

/** Undefined: it is too long. */
async function bodyOf(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Undefined: that is not asked. */
function bytesOf(url: string): number | undefined {
  const [, bytes] = /^\/hello\?bytes=(\d{1,5})$/.exec(url) ?? [];
  return bytes !== undefined && Number(bytes) <= sizes.large ? Number(bytes) : undefined;
}

/** Undefined: that is not asked. */
function reportOn(url: string, body: string, options: AgentOptions): (() => Promise<object>) | undefined {
  if (url === paths.ask) {
    const question = questionOf(body);
    return question && (() => report(question, options));
  }
  const question = url === paths.names ? namesIn(body) : undefined;
  return question && (() => namesReport(question, options));
}

function namesIn(body: string): NamesQuestion | undefined {
  try {
    const { names, withinMs } = JSON.parse(body) as NamesQuestion;
    const isFit = names.length <= mostNames && names.every(isName) && isFitTime(withinMs);
    return isFit ? { names: names.map(({ name, type }) => ({ name, type })), withinMs } : undefined;
  } catch {
    return undefined;
  }
}

function isName({ name, type }: NamesQuestion['names'][number]): boolean {
  return /^[a-z0-9_]([-\w.]{0,250}\w)?\.?$/i.test(name) && (type === 'address' || type === 'service');
}

function isFitTime(ms: number): boolean {
  return ms >= reportMs.least && ms <= reportMs.most;
}

function questionOf(body: string): AgentQuestion | undefined {
  try {
    const { service, peers, withinMs } = JSON.parse(body) as AgentQuestion;
    const isFit =
      isAddressOfCluster(service) && peers.length <= mostPeers && peers.every(isPeer) && isFitTime(withinMs);
    return isFit ? { service, peers, withinMs } : undefined;
  } catch {
    return undefined;
  }
}

function isPeer({ node, host }: AgentQuestion['peers'][number]): boolean {
  return typeof node === 'string' && node.length <= 253 && isAddressOfCluster(host);
}

/** An address, and none that is the node's own or of its neighbourhood only, such as that of a cloud's metadata. Ports and paths are not the asker's to choose. */
function isAddressOfCluster(host: unknown): boolean {
  if (typeof host !== 'string' || isIP(host) === 0) return false;
  return !/^(0\.|127\.|169\.254\.|22[4-9]\.|2[3-5]\d\.|::1?$|::ffff:|fe[89ab]|ff)/i.test(host);
}
