/** One listener of /events, at its own pace: what it has missed goes out in pieces, and only as fast as it reads. */
import type { ServerResponse } from 'node:http';
import type { LiveEvent, Store } from '../memory/store.ts';

/** A listener that lets so much pile up is cut off; it comes back and gets what it missed. */
const mostPendingBytes = 256 * 1024;
/** What it missed is sent in pieces of so many events, about 1 KB each at most: no more is held for one that does not read. */
const pieceEvents = 50;

export interface Listener {
  /** One frame that everybody gets, as it happens. */
  send(frame: Buffer): void;
  /** Nothing was said for a while. Cuts off a listener that has read nothing since the last time. */
  beat(frame: Buffer): void;
  end(): void;
}

/** `after`: the number of the last event it has heard; undefined for one that has just come. */
export function createListener(stream: ServerResponse, store: Store, after: number | undefined): Listener {
  /** While it catches up: the last event that was sent to it. */
  let sent = after;
  let stuck = 0;

  const catchUp = () => {
    while (sent !== undefined && !stream.destroyed) {
      const piece = store.eventsAfter(sent, pieceEvents);
      if (!piece) {
        sent = undefined;
        stream.write(resetFrame(store));
        return;
      }
      if (piece.length === 0) {
        sent = undefined;
        return;
      }
      sent = piece.at(-1)!.id;
      const hasRoom = stream.write(piece.map((event) => frameOf(store, event)).join(''));
      // Others have their turn between two pieces.
      if (hasRoom) setImmediate(catchUp);
      else stream.once('drain', catchUp);
      return;
    }
  };
  catchUp();

  return {
    send(frame) {
      // It comes to this one when it has caught up.
      if (sent !== undefined) return;
      if (stream.writableLength > mostPendingBytes) stream.destroy();
      else stream.write(frame);
    },
    beat(frame) {
      const pending = stream.writableLength;
      if (pending > 0 && pending === stuck) return void stream.destroy();
      stuck = pending;
      if (sent === undefined) this.send(frame);
    },
    end: () => void stream.end(),
  };
}

/** It cannot be told what it has missed: read the page again. */
export function resetFrame(store: Store): string {
  return `id: ${store.epoch}-${store.lastEvent}\nevent: reset\ndata: {}\n\n`;
}

/** JSON has no line breaks, so one data line holds it. */
export function frameOf(store: Store, event: LiveEvent): string {
  return `id: ${store.epoch}-${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
