// Keeps the page live. Without it the page is the same, as old as its last loading.
const root = document.documentElement;
const link = document.getElementById('link');
const say = document.getElementById('say');
root.classList.add('js');

// --- times: by the server's clock, whatever this machine's says ---
let skew = Date.parse(root.dataset.now) - Date.now();

function relative(at) {
  const seconds = Math.round((Date.now() + skew - Date.parse(at)) / 1000);
  const size = Math.abs(seconds);
  if (Number.isNaN(size)) return 'at an unknown time';
  if (size < 1) return 'now';
  const [value, unit] =
    size < 60
      ? [size, 's']
      : size < 3600
        ? [size / 60, 'min']
        : size < 172800
          ? [size / 3600, 'h']
          : [size / 86400, 'd'];
  const words = `${Math.floor(value)} ${unit}`;
  return seconds > 0 ? `${words} ago` : `in ${words}`;
}

setInterval(() => {
  for (const time of document.querySelectorAll('time[data-rel]')) {
    const words = relative(time.dateTime);
    if (time.textContent !== words) time.textContent = words;
  }
}, 1000);

// --- take over what a newer page says; what is focused, opened or typed stays ---
function morph(old, fresh) {
  if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.nodeValue !== fresh.nodeValue) old.nodeValue = fresh.nodeValue;
    return;
  }
  const isFold = old.nodeName === 'DETAILS';
  for (const { name } of [...old.attributes]) {
    if (!fresh.hasAttribute(name) && !(isFold && name === 'open')) old.removeAttribute(name);
  }
  for (const { name, value } of fresh.attributes) {
    if (old.getAttribute(name) !== value && !(isFold && name === 'open')) old.setAttribute(name, value);
  }
  const before = [...old.childNodes];
  const after = [...fresh.childNodes];
  after.forEach((child, index) => {
    if (before[index]) morph(before[index], child);
    else old.append(child);
  });
  for (const child of before.slice(after.length)) child.remove();
}

function update(row, fresh) {
  const isNews = row.dataset.state !== fresh.dataset.state;
  const fold = row.querySelector('details');
  const isOpen = fresh.querySelector('details')?.open ?? false;
  morph(row, fresh);
  if (isNews && fold) fold.open = isOpen;
}

// --- ask for what has changed: at most twice a second, only the suites concerned ---
const changed = new Set();
let all = false;
let asking = false;
let again = 0;

function ask(suite) {
  if (suite === undefined) all = true;
  else changed.add(suite);
  if (asking) return;
  asking = true;
  setTimeout(fetchPage, Math.max(0, again - Date.now()));
}

async function fetchPage() {
  const here = new URL(location.href);
  const whole = all || root.dataset.overview === undefined || changed.size > 30;
  if (!whole) for (const suite of changed) here.searchParams.append('suites', suite);
  changed.clear();
  all = false;
  try {
    const response = await fetch(here, { headers: { accept: 'text/html' }, signal: AbortSignal.timeout(15_000) });
    if (response.ok) take(new DOMParser().parseFromString(await response.text(), 'text/html'), whole);
  } catch {
    all = true;
  }
  again = Date.now() + 500;
  asking = false;
  if (all || changed.size > 0) setTimeout(() => ask(all ? undefined : [...changed][0]), 2000);
}

function take(page, whole) {
  skew = Date.parse(page.documentElement.dataset.now) - Date.now();
  const spoken = document.querySelector('[data-say]')?.textContent;
  document.title = page.title;
  morph(document.getElementById('favicon'), page.getElementById('favicon'));
  for (const fresh of page.querySelectorAll('[data-live]')) {
    const old = document.getElementById(fresh.id);
    if (old) update(old, fresh);
    else if (!whole) isFiltered() || ask();
    else return morph(document.getElementById('main'), page.getElementById('main'));
  }
  if (whole) for (const list of document.querySelectorAll('[data-order]')) arrange(list, page.getElementById(list.id));
  const now = document.querySelector('[data-say]')?.textContent;
  if (now !== spoken) say.textContent = `${document.getElementById('verdict-word')?.textContent}. ${now}`;
}

// --- what the filter leaves out goes; what is not well moves up, unless somebody is at the list ---
function isFiltered() {
  const here = new URLSearchParams(location.search);
  return Boolean(here.get('q') || here.get('state'));
}

function arrange(list, fresh) {
  const ids = [...(fresh?.children ?? [])].map(({ id }) => id);
  for (const child of [...list.children]) if (!ids.includes(child.id)) child.remove();
  const isThere = [...list.children].every(({ id }, index) => id === ids[index]);
  if (isThere || list.matches(':hover, :focus-within')) return;
  const places = new Map(ids.map((id, place) => [id, place]));
  list.append(...[...list.children].sort((a, b) => places.get(a.id) - places.get(b.id)));
}

// --- the stream: an event says what to ask for, its number where to go on ---
const only = root.dataset.suite;
let last = root.dataset.from;
let wait = 1000;
let lostAt = 0;
const types = [
  'run-started',
  'run-withdrawn',
  'step-started',
  'waiting',
  'step-finished',
  'run-judged',
  'run-finished',
  'update',
  'maintenance',
  'reset',
];

function listen() {
  const source = new EventSource(`${root.dataset.root}events?after=${encodeURIComponent(last)}`);
  source.onopen = () => {
    wait = 1000;
    if (lostAt) ask();
    lostAt = 0;
    show('live', 'Live');
  };
  source.onerror = () => {
    source.close();
    lostAt ||= Date.now();
    show('lost', 'Connection lost, trying again. What is shown may be old.');
    setTimeout(listen, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, 15_000);
  };
  for (const type of types) source.addEventListener(type, heard);
}

function heard(message) {
  if (message.lastEventId) last = message.lastEventId;
  if (message.type === 'reset') return ask();
  const event = JSON.parse(message.data);
  if (message.type === 'waiting') {
    for (const line of document.querySelectorAll('[data-waiting]')) {
      if (line.dataset.waiting === event.suite) line.textContent = event.message;
    }
    ask(event.suite);
  } else if (only === undefined || only === event.suite) ask(event.suite || event.namespace);
}

function show(state, words) {
  link.dataset.state = state;
  if (link.textContent !== words) link.textContent = words;
  root.classList.toggle('lost', state === 'lost');
}

// What a form has changed.
document.addEventListener('changed', (event) => ask(event.detail ?? undefined));

// A verdict also changes when nothing happens: it grows stale.
setInterval(() => document.visibilityState === 'visible' && ask(), 30_000);
document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && ask());
if (only !== '') listen();
