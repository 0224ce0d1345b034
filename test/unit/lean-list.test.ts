import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLean } from '../../runtime/kube/client/lean-list.ts';

async function* inChunks(text: string, bytes: number): AsyncGenerator<Uint8Array> {
  const whole = Buffer.from(text);
  for (let at = 0; at < whole.length; at += bytes) yield whole.subarray(at, at + bytes);
}

const list = {
  kind: 'NodeList',
  columnDefinitions: [{ name: 'items' }],
  metadata: { resourceVersion: '7', continue: 'a "{[b' },
  items: [
    { metadata: { name: 'ä "quoted" \\ {', labels: { a: '}]' } }, items: [{ no: 'item' }] },
    { metadata: { name: 'b' }, list: [[1], [{}]] },
    { metadata: { name: 'left out' } },
  ],
};
const nameOf = ({ metadata: { name } }: (typeof list.items)[number]) => (name === 'left out' ? undefined : name);

for (const [bytes, space] of [
  [1, 0],
  [3, 2],
  [7, 0],
  [100_000, 0],
] as const) {
  test(`a list is read item by item, in pieces of ${bytes} bytes`, async () => {
    const lean = await readLean(inChunks(JSON.stringify(list, null, space), bytes), nameOf as never);
    assert.deepEqual(lean?.items, ['ä "quoted" \\ {', 'b']);
    assert.deepEqual(lean?.metadata, list.metadata);
  });
}

test('an empty list is a list, and what is no list is none', async () => {
  const keep = (item: unknown) => item;
  assert.deepEqual((await readLean(inChunks('{"kind":"NodeList","items":[]}', 5), keep))?.items, []);
  assert.equal(await readLean(inChunks('{"kind":"Status","details":{"items":[{}]}}', 5), keep), undefined);
  assert.equal(await readLean(inChunks('<html>', 5), keep), undefined);
});
