import type { V1Secret } from '@kubernetes/client-node';
import type { Creatable } from '../../model/resource.ts';
import { change } from './change.ts';
import { objectKind } from './kind.ts';
import { made } from './managed.ts';
import { OwnedObject } from './owned-object.ts';
import { ourLabels } from './ownership.ts';

/** Its only key, under which pods serve it too. */
const fileName = 'secret.html';

const secrets = objectKind<V1Secret>()({
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  // By its name alone: the Secrets of others are never listed.
  grants: {
    makes: [{ group: '', resource: 'secrets', verbs: ['create', 'get', 'delete'] }],
    besides: { update: [{ group: '', resource: 'secrets', verbs: ['patch'] }] },
  },
  named: (view) => view.objects.deployment,
  quota: {},
});

export interface SecretHandle {
  /** Under which the pods of a `deployment({ secret: true })` serve it. */
  readonly path: string;
  /** PATCH of the page. Begins a wait. Raises api.*. */
  update(page: string): Promise<void>;
}

/** A Secret with a page; named TEST_DEPLOYMENT. Nothing in it is secret. */
function make({ page }: { page: string }): Creatable<SecretHandle> {
  return made((view) => {
    const { objects, namespace, scope } = view;
    const object = new OwnedObject<V1Secret>(view, secrets, objects.deployment);
    const stringData = (text: string) => ({ stringData: { [fileName]: text } });
    const metadata = { name: objects.deployment, namespace, labels: ourLabels(scope.id, objects.labels) };
    return {
      object,
      create: async () => {
        await object.create({ apiVersion: 'v1', kind: 'Secret', metadata, ...stringData(page) });
        return { path: `/${fileName}`, update: (next) => change(object, stringData(next)) };
      },
    };
  });
}

export const secret = Object.assign(make, { kind: secrets });
