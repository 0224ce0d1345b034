/** Ingresses and their class: who serves them is in net/edge.ts. */
import type { KubeObject } from '../store/objects.ts';
import type { SandboxKind } from './kind.ts';

declare module '../store/objects.ts' {
  interface Kinds {
    ingresses: Ingress;
    ingressclasses: KubeObject;
  }
}

interface Backend {
  service?: { name: string; port: { number?: number; name?: string } };
}

export interface Ingress extends KubeObject {
  spec: {
    ingressClassName?: string;
    defaultBackend?: Backend;
    rules?: { host?: string; http?: { paths: { path?: string; pathType: string; backend: Backend }[] } }[];
  };
  status: { loadBalancer?: { ingress?: { ip: string }[] } };
}

export const className = 'sandbox';

export const ingress: SandboxKind = {
  plural: 'ingresses',
  defaults(object) {
    const made = object as Ingress;
    made.spec = { ingressClassName: className, ...made.spec };
    made.status ??= { loadBalancer: {} };
  },
};

export const ingressClass: SandboxKind = {
  plural: 'ingressclasses',
  start(_, deeds) {
    deeds.create('ingressclasses', {
      metadata: { name: className, annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } },
      spec: { controller: 'sandbox/ingress' },
    });
  },
};
