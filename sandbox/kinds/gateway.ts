/** The Gateway API, as far as net/edge.ts serves it: classes, Gateways, HTTPRoutes. */
import { setCondition } from '../controllers/conditions.ts';
import type { Condition, KubeObject } from '../store/objects.ts';
import { className } from './ingress.ts';
import type { SandboxKind } from './kind.ts';

declare module '../store/objects.ts' {
  interface Kinds {
    gatewayclasses: GatewayClass;
    gateways: Gateway;
    httproutes: HttpRoute;
  }
}

interface GatewayClass extends KubeObject {
  spec: { controllerName: string };
  status: { conditions?: Condition[] };
}

export interface Gateway extends KubeObject {
  spec: { gatewayClassName: string; listeners: { name: string; port: number; protocol: string }[] };
  status: { addresses?: { type: string; value: string }[]; conditions?: Condition[] };
}

interface ParentRef {
  name: string;
  namespace?: string;
}

export interface HttpRoute extends KubeObject {
  spec: {
    parentRefs?: ParentRef[];
    hostnames?: string[];
    rules?: {
      matches?: { path?: { type?: string; value?: string } }[];
      backendRefs?: { name: string; port?: number }[];
    }[];
  };
  status: { parents?: { parentRef: ParentRef; controllerName: string; conditions?: Condition[] }[] };
}

export const controllerName = 'sandbox/gateway';

export const gatewayClass: SandboxKind = {
  plural: 'gatewayclasses',
  start({ store, now }, deeds) {
    const made = deeds.create('gatewayclasses', { metadata: { name: className }, spec: { controllerName } });
    const accepted = { type: 'Accepted', status: 'True', reason: 'Accepted', message: '' } as const;
    store.change('gatewayclasses', made.metadata, (draft) => {
      draft.status = { conditions: setCondition(undefined, accepted, now()) };
    });
  },
};

export const gateway: SandboxKind = { plural: 'gateways', defaults: withStatus };
export const httpRoute: SandboxKind = { plural: 'httproutes', defaults: withStatus };

function withStatus(object: KubeObject): void {
  object.status ??= {};
}
