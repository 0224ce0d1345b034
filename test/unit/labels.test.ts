import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labels } from '../../runtime/config/labels.ts';

const edge = fc.constantFrom(...'abcXYZ019');
const middle = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_.'), maxLength: 61 });
const labelName = fc.tuple(edge, middle, edge).map((parts) => parts.join(''));
const value = fc.oneof(fc.constant(''), labelName);
const dict = fc.dictionary(
  labelName.filter((name) => name !== 'app'),
  value,
);

/** As Python's repr, with the quote and with the escapes drawn at random. */
function pythonRepr(entries: Record<string, string>, pick: (options: number) => number): string {
  const quoted = (plain: string) => {
    const quote = pick(2) === 0 ? "'" : '"';
    const escaped = [...plain].map((char) => {
      const code = char.charCodeAt(0);
      const forms = [
        char,
        `\\x${code.toString(16).padStart(2, '0')}`,
        `\\u${code.toString(16).padStart(4, '0')}`,
        `\\${code.toString(8).padStart(3, '0')}`,
      ];
      return forms[pick(forms.length)];
    });
    return (pick(2) === 0 ? '' : 'u') + quote + escaped.join('') + quote;
  };
  const pairs = Object.entries(entries).map(([key, text]) => `${quoted(key)} : ${quoted(text)}`);
  return `{ ${pairs.join(',\n  ')}${pairs.length > 0 && pick(2) === 0 ? ',' : ''} }`;
}

test('any valid labels survive the way through a Python dict', () => {
  fc.assert(
    fc.property(dict, fc.gen(), (entries, gen) => {
      const source = pythonRepr(entries, (options) => gen(fc.nat, { max: options - 1 }));
      assert.deepEqual({ ...labels(source) }, { ...entries });
    }),
  );
});

test('any valid labels survive the way through JSON', () => {
  fc.assert(fc.property(dict, (entries) => assert.deepEqual({ ...labels(JSON.stringify(entries)) }, { ...entries })));
});

test('any text is either labels or a plain message, and quickly', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...`{}'":,\\ux01 aTrue`) }), (source) => {
      try {
        labels(source);
      } catch (error) {
        assert.equal((error as Error).name, 'InvalidValue');
      }
    }),
  );
});

const refused: [string, RegExp][] = [
  ["{'a': True}", /write 'True'/],
  ["{'a': None}", /write 'None'/],
  ["{'a': 1}", /write '1'/],
  ['{"a": true}', /between quotes/],
  ['{"a": {"b": "c"}}', /between quotes/],
  ["{'a': {'b': 'c'}}", /the value of "a" between quotes/],
  ["{'a' 'b'}", /: after the name/],
  ["{'a': 'b' 'c': 'd'}", /, or } after a value/],
  ["{'a': 'b'} x", /nothing after/],
  ["{'a': 'b'", /, or } after a value/],
  ["{'a': '\\x4'}", /broken off/],
  ["{'a': '\\U00110000'}", /characters that exist/],
  ["['a']", /\{ first/],
  ['null', /\{ first/],
  ['"a"', /a JSON object or a Python dict/],
  ["{'-a': 'b'}", /label names/],
  ["{'Example.com/a': 'b'}", /label names/],
  ["{'a': 'b c'}", /label values/],
  [`{'a': '${'v'.repeat(64)}'}`, /at most 63/],
  ["{'app': 'mine'}", /other than app/],
];
for (const [source, message] of refused)
  test(`refuses ${source.slice(0, 40)} and says why`, () => {
    assert.throws(() => labels(source), { name: 'InvalidValue', message });
  });

test('app with the value that the selectors need is accepted', () => {
  assert.deepEqual(
    { ...labels("{'app': 'hello-minikube', 'example.com/team': ''}") },
    { app: 'hello-minikube', 'example.com/team': '' },
  );
});
