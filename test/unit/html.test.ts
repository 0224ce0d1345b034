import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { html, trusted } from '../../runtime/dashboard/html.ts';

const ours = /^<p title="([^<>"']*)">([^<>"']*)<\/p>$/;

test('no text breaks out of an element or of an attribute', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const [, attribute, content] = ours.exec(html`<p title="${text}">${text}</p>`.text) ?? [];
      assert.ok(attribute !== undefined && attribute === content);
      assert.doesNotMatch(attribute, /&(?!(?:amp|lt|gt|quot|#39);)/);
    }),
  );
});

test('a text is shown as it is, but for control characters', () => {
  assert.equal(html`${'a < b & "c" \u0000\u001b[31m'}\n`.text, 'a &lt; b &amp; &quot;c&quot; ��[31m\n');
});

test('markup stays markup, lists are joined, nothing is nothing', () => {
  const items = ['<a>', '<b>'].map((name) => html`<li>${name}</li>`);
  assert.equal(
    html`<ul>${items}${false}${null}${undefined}${0}</ul>`.text,
    '<ul><li>&lt;a&gt;</li><li>&lt;b&gt;</li>0</ul>',
  );
  assert.equal(html`${trusted('<br>')}`.text, '<br>');
});
