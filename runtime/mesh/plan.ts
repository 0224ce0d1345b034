/** Who asks whom: each of N agents asks `peersEach` others, so that a round costs O(N) however many there are. */

import type { Member } from '../model/mesh.ts';

/** Others that an agent asks in a round. */
export const peersEach = 3;

/**
 * Node → the members that its agent asks: those that many places further round the ring, the same for all, so that each is asked as often as it asks.
 * Every pair has met after ⌈(N - 1) / peersEach⌉ rounds that follow each other.
 */
export function planOf(members: readonly Member[], round: number): ReadonlyMap<string, readonly Member[]> {
  const { length } = members;
  const others = length - 1;
  const each = Math.min(peersEach, others);
  const offsets = Array.from({ length: each }, (_, index) => 1 + ((round * each + index) % others));
  return new Map(
    members.map(({ node }, at) => [node, offsets.map((offset) => members[(at + offset) % length] as Member)]),
  );
}

let rounds = Math.floor(Math.random() * 10_000);

/** One after the other while the process lives; where a process makes one run, at random. */
export function nextRound(): number {
  rounds += 1;
  return rounds;
}
