/** The process in a container: an nginx that serves the files of its volumes and writes a combined access log. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { gatewayAddress } from './addresses.ts';
import { serving, type WebServer } from './web-server.ts';

export interface Site {
  /** Absolute path in the container → content. Read at each request. */
  files(): ReadonlyMap<string, string>;
  /** `1.29`; the Server header says it. */
  readonly version: string;
  log(line: string): void;
  now(): number;
}

const defaultRoot = '/usr/share/nginx/html';
const welcome =
  '<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome to nginx!</title>\n</head>\n<body>\n<h1>Welcome to nginx!</h1>\n</body>\n</html>\n';
const types: Readonly<Record<string, string>> = {
  html: 'text/html',
  txt: 'text/plain',
  json: 'application/json',
  css: 'text/css',
  js: 'application/javascript',
};

/** `port`: by it the server of a mounted nginx.conf is chosen. */
export async function startNginx(whole: Site, port: number): Promise<WebServer> {
  const site = { ...whole, files: () => ofPort(whole.files(), port) };
  const server = createServer((request, response) => answer(site, request, response));
  server.keepAliveTimeout = 65_000;
  return serving(server);
}

/** What a GET of the path yields, without the network: a readiness probe asks this. */
export function respond(
  site: Pick<Site, 'files' | 'version'>,
  url: string,
): { code: number; body: string; type: string; silent?: boolean } {
  const files = site.files();
  const root = rootOf(files);
  const path = decodePath(url);
  const fixed = fixedAnswer(files, path);
  if (fixed) return { ...fixed, body: '', type: 'text/plain' };
  const text = fixedText(files);
  if (text !== undefined) return { code: 200, body: text, type: 'text/plain' };
  const wanted = root + (path.endsWith('/') ? `${path}index.html` : path);
  const body = files.get(wanted) ?? (wanted === `${defaultRoot}/index.html` ? welcome : undefined);
  if (body === undefined) return { code: 404, body: errorPage('404 Not Found', site.version), type: 'text/html' };
  return { code: 200, body, type: types[wanted.slice(wanted.lastIndexOf('.') + 1)] ?? 'application/octet-stream' };
}

function answer(site: Site, request: IncomingMessage, response: ServerResponse): void {
  const { method = 'GET', url = '/', headers, httpVersion } = request;
  request.resume();
  const { code, body, type, silent } =
    method === 'GET' || method === 'HEAD'
      ? respond(site, url)
      : { code: 405, body: errorPage('405 Not Allowed', site.version), type: 'text/html', silent: false };
  const bytes = Buffer.byteLength(body);
  // Before the answer, so that whoever has it finds its line.
  if (!silent) {
    const sent = method === 'HEAD' ? 0 : bytes;
    const line = escaped(`${method} ${url} HTTP/${httpVersion}`);
    const referer = escaped(headers.referer ?? '-');
    const agent = escaped(headers['user-agent'] ?? '-');
    site.log(`${gatewayAddress} - - [${logTime(site.now())}] "${line}" ${code} ${sent} "${referer}" "${agent}"`);
  }
  response.writeHead(code, { Server: `nginx/${site.version}`, 'Content-Type': type, 'Content-Length': bytes });
  response.end(method === 'HEAD' ? undefined : body);
}

/** `location = /path { … return 200; }` of a mounted nginx.conf, with its `access_log off`. */
function fixedAnswer(files: ReadonlyMap<string, string>, path: string): { code: number; silent: boolean } | undefined {
  for (const [file, content] of files) {
    if (!file.endsWith('.conf')) continue;
    for (const [, where, block = ''] of content.matchAll(/location\s*=\s*(\S+)\s*\{([^}]*)\}/g)) {
      const code = /return\s+(\d{3})\s*;/.exec(block)?.[1];
      if (where === path && code) return { code: Number(code), silent: /access_log\s+off\s*;/.test(block) };
    }
  }
  return undefined;
}

/** `location / { return 200 "…"; }` of a mounted nginx.conf. */
function fixedText(files: ReadonlyMap<string, string>): string | undefined {
  for (const [file, content] of files) {
    const text = file.endsWith('.conf')
      ? /location\s+\/\s*\{\s*return\s+200\s+"([^"]*)"/.exec(content)?.[1]
      : undefined;
    if (text !== undefined) return text.replaceAll('\\n', '\n');
  }
  return undefined;
}

/** Of a mounted nginx.conf with several servers only the one that listens there. */
function ofPort(files: ReadonlyMap<string, string>, port: number): ReadonlyMap<string, string> {
  const own = (content: string) =>
    content.split(/\bserver\s*\{/).find((server) => new RegExp(`\\blisten\\s+${port}\\s*;`).test(server)) ?? content;
  return new Map([...files].map(([path, content]) => [path, path.endsWith('.conf') ? own(content) : content]));
}

/** The `root` of a mounted nginx.conf, else the folder of a mounted index.html, else nginx's own. */
function rootOf(files: ReadonlyMap<string, string>): string {
  for (const [path, content] of files) {
    const root = path.endsWith('.conf') ? /^\s*root\s+([^\s;]+)\s*;/m.exec(content)?.[1] : undefined;
    if (root) return root.replace(/\/$/, '');
  }
  if (files.has(`${defaultRoot}/index.html`)) return defaultRoot;
  const index = [...files.keys()].find((path) => path.endsWith('/index.html'));
  return index ? index.slice(0, -'/index.html'.length) : defaultRoot;
}

function decodePath(url: string): string {
  try {
    return decodeURIComponent(url.replace(/[?#].*$/, ''));
  } catch {
    return '/';
  }
}

function errorPage(title: string, version: string): string {
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx/${version}</center>\r\n</body>\r\n</html>\r\n`;
}

/** As nginx writes what a client sent: quotes, backslashes and what is not printable ASCII as \xHH. */
function escaped(text: string): string {
  return text.replace(
    /[^ !#-[\]-~]/g,
    (char) => `\\x${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `31/Jan/2026:09:00:00 +0000` */
function logTime(ms: number): string {
  const [date = '', time = ''] = new Date(ms).toISOString().slice(0, 19).split('T');
  const [year, month, day] = date.split('-');
  return `${day}/${months[Number(month) - 1]}/${year}:${time} +0000`;
}
