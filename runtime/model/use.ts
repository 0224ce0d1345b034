/** What suites do to objects of the cluster. Types only: what follows from it is in runtime/uses.ts. */

/** Rights on the API, as a rule of a Role has them. */
export interface Grant {
  /** '' is the core group. */
  readonly group: string;
  /** `pods/log` for a subresource. */
  readonly resource: string;
  readonly verbs: readonly string[];
  /** Only for the one object of that kind which the suite has. */
  readonly named?: true;
  /** `cluster`: no Role in a namespace can give it. Default: that of its kind. */
  readonly scope?: 'namespace' | 'cluster';
}

/** A kind of object: where the API serves it, and what whoever makes or keeps objects of it needs. */
export interface Kind {
  /** `v1`, `batch/v1` */
  readonly apiVersion: string;
  /** `ConfigMap` */
  readonly kind: string;
  /** `configmaps` */
  readonly plural: string;
  /** Default: its objects live in a namespace. */
  readonly scope?: 'namespace' | 'cluster';
  readonly grants: {
    /** To make one, find it, delete it and see it go. Absent: nobody makes one, it is only asked about. */
    readonly makes?: readonly Grant[];
    /** To bring one into its wanted state, and find it. Absent: it cannot be applied again, as a Job. */
    readonly keeps?: readonly Grant[];
    /** To look at what others made, and to try what is never made. Absent: its makers ask. */
    readonly asks?: readonly Grant[];
    /** By its word, what a suite may do besides, such as `scale`. */
    readonly besides?: Readonly<Record<string, readonly Grant[]>>;
  };
  /**
   * What a suite with one such object takes of a ResourceQuota at most, TEST_REPLICAS being 3: one in use, and room for what was deleted a moment
   * ago, which a quota still counts.
   */
  readonly quota: Readonly<Record<string, string>>;
  /** By a word of `besides`, what a suite that does it takes on top. Default: nothing. */
  readonly quotaBesides?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** TCP ports on which its pods are asked, from outside of their namespace. Default: none. */
  readonly ports?: readonly number[];
}

/** `makes`: a run makes it and removes it. `keeps`: it stands from run to run. `asks`: it is looked at, and others made it. */
export type How = 'makes' | 'keeps' | 'asks';

export interface Use {
  readonly kind: Kind;
  readonly how: How;
  /** Of the kind's `besides`. */
  readonly besides: readonly string[];
}
