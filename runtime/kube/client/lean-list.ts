/** A LIST of thousands, read item by item: what is kept of each is small, however large the answer. */

/** What is left of a list: its metadata, and of each item what `keep` made of it. */
export interface LeanList {
  readonly kind: string;
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
  readonly items: readonly unknown[];
}

const [quote, backslash, open, close, openList, closeList] = [...'"\\{}[]'].map((sign) => sign.charCodeAt(0));

/**
 * Reads the JSON of a list as it comes in. An item for which `keep` has undefined is left out. Undefined: it is no list.
 */
export async function readLean(
  chunks: AsyncIterable<Uint8Array>,
  keep: (item: never) => unknown,
): Promise<LeanList | undefined> {
  const items: unknown[] = [];
  let metadata: LeanList['metadata'] = {};
  let isList = false;
  let depth = 0;
  let inString = false;
  let escaped = false;
  /** Of the list itself: the string read last, and where the one under way begins. */
  let key = '';
  let parts: Uint8Array[] = [];
  let takes: 'item' | 'metadata' | 'key' | undefined;
  let inItems = false;

  const finish = (chunk: Uint8Array, from: number, end: number): string => {
    takes = undefined;
    // Nearly every item lies within one chunk: no copy of it is made.
    if (parts.length === 0) return textOf(chunk, from, end);
    const whole = Buffer.concat([...parts, chunk.subarray(from, end)]);
    parts = [];
    return whole.toString('utf8');
  };

  for await (const chunk of chunks) {
    let from = 0;
    for (let at = 0; at < chunk.length; at++) {
      const sign = chunk[at];
      if (inString) {
        if (escaped) escaped = false;
        else if (sign === backslash) escaped = true;
        else if (sign === quote) {
          inString = false;
          if (takes === 'key') key = finish(chunk, from, at);
        }
      } else if (sign === quote) {
        inString = true;
        if (depth === 1) {
          takes = 'key';
          from = at + 1;
        }
      } else if (sign === open || sign === openList) {
        depth += 1;
        if (depth === 2) {
          inItems = sign === openList && key === 'items';
          isList ||= inItems;
          if (sign === open && key === 'metadata') {
            takes = 'metadata';
            from = at;
          }
        }
        if (depth === 3 && inItems) {
          takes = 'item';
          from = at;
        }
      } else if (sign === close || sign === closeList) {
        depth -= 1;
        if (depth === 2 && takes === 'item') {
          const kept = keep(JSON.parse(finish(chunk, from, at + 1)) as never);
          if (kept !== undefined) items.push(kept);
        }
        if (depth === 1 && takes === 'metadata') metadata = JSON.parse(finish(chunk, from, at + 1));
        if (depth === 1) inItems = false;
      }
    }
    if (takes) parts.push(chunk.subarray(from));
  }
  return isList ? { kind: 'List', metadata, items } : undefined;
}

function textOf({ buffer, byteOffset, byteLength }: Uint8Array, from: number, end: number): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('utf8', from, end);
}
