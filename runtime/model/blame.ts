/** Whom a finding speaks of. Types only. */

/** Which side a finding speaks of: the cluster (`failed`) or us and what was set up for us (`errored`). */
export type Blame = 'cluster' | 'us';
