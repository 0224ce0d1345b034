// What a person does on the page. Without it forms and links do the same by loading a page.

/** Asks for what has changed: one suite, or everything. */
function changed(suite) {
  document.dispatchEvent(new CustomEvent('changed', { detail: suite }));
}

// --- copying, also where the page is plain HTTP and the clipboard is closed to it ---
async function copy(button) {
  const code = button.parentElement.querySelector('code');
  try {
    await navigator.clipboard.writeText(code.textContent);
  } catch {
    getSelection().selectAllChildren(code);
    document.execCommand('copy');
  }
  button.textContent = 'Copied';
  setTimeout(() => (button.textContent = 'Copy'), 1500);
}

document.addEventListener('click', (event) => {
  const button = event.target.closest('[data-copy]');
  if (button) return copy(button);
  const anchor = event.target.closest('a[data-run]');
  if (!anchor) return;
  event.preventDefault();
  send(anchor, anchor.getAttribute('href'));
});

// --- forms: run now, switches ---
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.matches('[data-run],[data-fault]')) return;
  event.preventDefault();
  send(form, form.getAttribute('action'), new URLSearchParams(new FormData(form)));
});

async function send(from, path, body = new URLSearchParams()) {
  const token = body.get('token') || sessionStorage.getItem('token');
  body.delete('token');
  const headers = { accept: 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  if (document.documentElement.dataset.token !== undefined && !token) return askToken(from, path, body);
  try {
    const response = await fetch(path, { method: 'POST', headers, body, signal: AbortSignal.timeout(15_000) });
    const { message = 'That did not work.' } = response.ok ? {} : await response.json();
    if (response.status === 401 || (response.status === 403 && /token/i.test(message)))
      return askToken(from, path, body, 'That token was not accepted.');
    if (token) sessionStorage.setItem('token', token);
    if (!response.ok) announce(message);
  } catch {
    announce('The server did not answer.');
  }
  changed(from.dataset.run);
}

function announce(words) {
  const box = document.createElement('dialog');
  const text = document.createElement('p');
  text.textContent = words;
  const form = document.createElement('form');
  form.method = 'dialog';
  form.innerHTML = '<button class="button">Close</button>';
  box.append(text, form);
  open(box);
}

function askToken(from, path, body, problem = '') {
  sessionStorage.removeItem('token');
  const box = document.createElement('dialog');
  box.innerHTML =
    '<p>A token is needed for this.</p><form method="dialog"><input type="password" aria-label="Token" autocomplete="current-password" required><button class="button">Send</button></form>';
  if (problem) box.firstChild.textContent = problem;
  box.querySelector('form').addEventListener('submit', () => {
    body.set('token', box.querySelector('input').value);
    send(from, path, body);
  });
  open(box);
}

function open(box) {
  box.addEventListener('close', () => box.remove());
  document.body.append(box);
  box.showModal();
}

// --- a strip of runs is one stop for Tab; the arrow keys move along it ---
document.addEventListener('keydown', (event) => {
  const here = event.target.closest('.strip a, .trend a');
  const to = { ArrowLeft: here?.previousElementSibling, ArrowRight: here?.nextElementSibling }[event.key];
  if (!to?.matches('a')) return;
  event.preventDefault();
  here.tabIndex = -1;
  to.setAttribute('tabindex', '0');
  to.focus();
});

// --- the filter works while typing ---
const filter = document.querySelector('[data-filter]');
let typed = 0;
filter?.addEventListener('input', () => {
  clearTimeout(typed);
  typed = setTimeout(() => {
    history.replaceState(null, '', `?${new URLSearchParams(new FormData(filter))}`);
    changed();
  }, 200);
});
