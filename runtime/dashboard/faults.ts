/** The switches of the sandbox: what to break on purpose. Never part of a real cluster's page. */
import { html, type Markup } from './html.ts';
import type { FaultState } from './scene.ts';
import { count, foreign } from './words.ts';

export function faultSwitches(faults: readonly FaultState[], tokenRequired: boolean): Markup {
  const on = faults.filter((fault) => fault.on).length;
  return html`<section id="faults" class="faults" data-live aria-labelledby="faults-title"><h2 id="faults-title">Sandbox: break something</h2>
<p class="dim">This cluster is embedded in this process. Switch a fault on and see which suites notice. ${on > 0 && html`<b>${count(on, 'fault is', 'faults are')} on.</b>`}</p>
<ul>${faults.map((fault) => faultSwitch(fault, tokenRequired))}</ul></section>`;
}

function faultSwitch({ name, on, description, breaks }: FaultState, tokenRequired: boolean): Markup {
  const field =
    tokenRequired &&
    html`<input type="password" name="token" aria-label="Token" placeholder="Token" autocomplete="off" required>`;
  return html`<li><form method="post" action="/faults/${encodeURIComponent(name)}" data-fault><input type="hidden" name="on" value="${on ? 'false' : 'true'}">${field}
<button role="switch" aria-checked="${on ? 'true' : 'false'}" class="switch"><span class="knob" aria-hidden="true"></span><span class="pos">${on ? 'on' : 'off'}</span><span class="off"> ${name}</span></button></form>
<div><b>${foreign(name, 80)}</b><span class="says">${foreign(description, 300)}</span>${breaks && html`<span class="dim">Breaks: ${foreign(breaks, 300)}</span>`}</div></li>`;
}
