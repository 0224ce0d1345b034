/** The admin port: which faults are on, and switching them. */
import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { BadFault, type Faults } from './faults/switches.ts';
import { listen } from './net/web-server.ts';

export interface Admin {
  readonly url: string;
  close(): Promise<void>;
}

interface Answer {
  code: number;
  body: object;
}

export async function startAdmin(faults: Faults, token: string): Promise<Admin> {
  const server = createServer((request, response) => {
    request.on('error', () => {});
    answer(faults, token, request)
      .catch((error): Answer => ({ code: 500, body: { message: `A defect of the sandbox: ${error.message}` } }))
      .then(({ code, body }) => {
        response.writeHead(code, { 'Content-Type': 'application/json' }).end(`${JSON.stringify(body, null, 2)}\n`);
      });
  });
  const port = await listen(server);
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(faults: Faults, token: string, request: IncomingMessage): Promise<Answer> {
  if (!isBearer(request, token)) return { code: 401, body: { message: 'The admin token is missing or wrong' } };
  const path = (request.url ?? '').replace(/\?.*$/, '');
  if (path === '/faults' && request.method === 'GET') return { code: 200, body: faults.list() };
  const name = /^\/faults\/([^/]+)$/.exec(path)?.[1];
  if (!name || request.method !== 'PUT') {
    return { code: 404, body: { message: 'There are GET /faults and PUT /faults/<name>' } };
  }
  try {
    faults.set(name, switchOf(await bodyOf(request)));
    return { code: 200, body: faults.list().find((fault) => fault.name === name)! };
  } catch (error) {
    if (!(error instanceof BadFault)) throw error;
    return { code: 400, body: { message: error.message } };
  }
}

function switchOf(text: string): { on: boolean; [option: string]: string | number | boolean } {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  if (typeof body !== 'object' || body === null || typeof (body as { on?: unknown }).on !== 'boolean') {
    throw new BadFault('The body must be JSON such as {"on": true}');
  }
  return body as { on: boolean };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    if (text.length < 10_000) text += chunk;
  }
  return text;
}

function isBearer(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
