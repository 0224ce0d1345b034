/**
 * OpenAPI v3 without schemas: enough for kubectl to see that the server takes `fieldValidation`, and to leave validation to it.
 * The sandbox keeps fields it does not know.
 */
import { resources } from '../store/resources.ts';
import { groupVersions, serverVersion } from './discovery.ts';
import type { Reply } from './read.ts';

/** Undefined: not a path of OpenAPI. */
export function openapi(path: string): Reply | undefined {
  if (path === '/openapi/v3') {
    const paths = groupVersions().map((version) => {
      const at = version === 'v1' ? 'api/v1' : `apis/${version}`;
      return [at, { serverRelativeURL: `/openapi/v3/${at}?hash=${serverVersion.gitVersion}` }];
    });
    return { code: 200, body: { paths: Object.fromEntries(paths) } };
  }
  const found = /^\/openapi\/v3\/(?:api|apis\/([^/]+))\/v1$/.exec(path);
  if (!found) return undefined;
  const group = found[1] ?? '';
  return { code: 200, body: documentOf(group) };
}

function documentOf(group: string): object {
  const root = group === '' ? '/api/v1' : `/apis/${group}/v1`;
  const served = resources.filter((resource) => resource.group === group);
  const parameters = [{ name: 'fieldValidation', in: 'query', schema: { type: 'string' } }];
  const paths = served.flatMap(({ plural, namespaced, kind }) => {
    const gvk = { 'x-kubernetes-group-version-kind': { group, version: 'v1', kind } };
    const at = `${root}${namespaced ? '/namespaces/{namespace}' : ''}/${plural}`;
    const responses = { 200: { description: 'OK' } };
    return [
      [at, { post: { ...gvk, parameters, responses, 'x-kubernetes-action': 'post' } }],
      [
        `${at}/{name}`,
        {
          put: { ...gvk, parameters, responses, 'x-kubernetes-action': 'put' },
          patch: { ...gvk, parameters, responses, 'x-kubernetes-action': 'patch' },
        },
      ],
    ];
  });
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: serverVersion.gitVersion },
    paths: Object.fromEntries(paths),
  };
}
