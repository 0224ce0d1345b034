/**
 * Objects in Kubernetes' protobuf, which `kubectl create deployment` and its like send whatever the server says it takes.
 *
 * Only the fields those commands set; any other is refused, never dropped.
 */
import { notImplemented } from '../admission/status.ts';

/** `string`, `int`, `bool` and `bytes`, a map of them, a message by name; a list where it ends in `[]`. */
type Fields = Readonly<Record<number, readonly [name: string, type: string]>>;

const messages: Readonly<Record<string, Fields>> = {
  Unknown: {
    1: ['typeMeta', 'TypeMeta'],
    2: ['raw', 'raw'],
    3: ['contentEncoding', 'string'],
    4: ['contentType', 'string'],
  },
  TypeMeta: { 1: ['apiVersion', 'string'], 2: ['kind', 'string'] },
  ObjectMeta: {
    1: ['name', 'string'],
    2: ['generateName', 'string'],
    3: ['namespace', 'string'],
    4: ['selfLink', 'string'],
    5: ['uid', 'string'],
    6: ['resourceVersion', 'string'],
    7: ['generation', 'int'],
    8: ['creationTimestamp', 'Time'],
    11: ['labels', 'map string'],
    12: ['annotations', 'map string'],
    14: ['finalizers', 'string[]'],
  },
  Time: {},
  Namespace: { 1: ['metadata', 'ObjectMeta'], 2: ['spec', 'NamespaceSpec'], 3: ['status', 'Ignored'] },
  NamespaceSpec: { 1: ['finalizers', 'string[]'] },
  ConfigMap: { 1: ['metadata', 'ObjectMeta'], 2: ['data', 'map string'], 3: ['binaryData', 'map bytes'] },
  Secret: {
    1: ['metadata', 'ObjectMeta'],
    2: ['data', 'map bytes'],
    3: ['type', 'string'],
    4: ['stringData', 'map string'],
  },
  ServiceAccount: { 1: ['metadata', 'ObjectMeta'] },
  ResourceQuota: { 1: ['metadata', 'ObjectMeta'], 2: ['spec', 'ResourceQuotaSpec'], 3: ['status', 'Ignored'] },
  ResourceQuotaSpec: { 1: ['hard', 'map Quantity'], 2: ['scopes', 'string[]'] },
  Service: { 1: ['metadata', 'ObjectMeta'], 2: ['spec', 'ServiceSpec'], 3: ['status', 'Ignored'] },
  ServiceSpec: {
    1: ['ports', 'ServicePort[]'],
    2: ['selector', 'map string'],
    3: ['clusterIP', 'string'],
    4: ['type', 'string'],
    5: ['externalIPs', 'string[]'],
    7: ['sessionAffinity', 'string'],
    8: ['loadBalancerIP', 'string'],
    10: ['externalName', 'string'],
    11: ['externalTrafficPolicy', 'string'],
    12: ['healthCheckNodePort', 'int'],
    13: ['publishNotReadyAddresses', 'bool'],
  },
  ServicePort: {
    1: ['name', 'string'],
    2: ['protocol', 'string'],
    3: ['port', 'int'],
    4: ['targetPort', 'IntOrString'],
    5: ['nodePort', 'int'],
  },
  Deployment: { 1: ['metadata', 'ObjectMeta'], 2: ['spec', 'DeploymentSpec'], 3: ['status', 'Ignored'] },
  DeploymentSpec: {
    1: ['replicas', 'int'],
    2: ['selector', 'LabelSelector'],
    3: ['template', 'PodTemplateSpec'],
    4: ['strategy', 'DeploymentStrategy'],
    5: ['minReadySeconds', 'int'],
    7: ['paused', 'bool'],
  },
  DeploymentStrategy: { 1: ['type', 'string'] },
  LabelSelector: { 1: ['matchLabels', 'map string'] },
  PodTemplateSpec: { 1: ['metadata', 'ObjectMeta'], 2: ['spec', 'PodSpec'] },
  PodSpec: {
    2: ['containers', 'Container[]'],
    3: ['restartPolicy', 'string'],
    6: ['dnsPolicy', 'string'],
    8: ['serviceAccountName', 'string'],
    9: ['serviceAccount', 'string'],
    10: ['nodeName', 'string'],
    11: ['hostNetwork', 'bool'],
    12: ['hostPID', 'bool'],
    13: ['hostIPC', 'bool'],
    16: ['hostname', 'string'],
    17: ['subdomain', 'string'],
    19: ['schedulerName', 'string'],
    24: ['priorityClassName', 'string'],
  },
  Container: {
    1: ['name', 'string'],
    2: ['image', 'string'],
    3: ['command', 'string[]'],
    4: ['args', 'string[]'],
    5: ['workingDir', 'string'],
    6: ['ports', 'ContainerPort[]'],
    8: ['resources', 'Ignored'],
    13: ['terminationMessagePath', 'string'],
    14: ['imagePullPolicy', 'string'],
    16: ['stdin', 'bool'],
    17: ['stdinOnce', 'bool'],
    18: ['tty', 'bool'],
    20: ['terminationMessagePolicy', 'string'],
  },
  ContainerPort: {
    1: ['name', 'string'],
    2: ['hostPort', 'int'],
    3: ['containerPort', 'int'],
    4: ['protocol', 'string'],
    5: ['hostIP', 'string'],
  },
  SelfSubjectAccessReview: {
    1: ['metadata', 'ObjectMeta'],
    2: ['spec', 'SelfSubjectAccessReviewSpec'],
    3: ['status', 'Ignored'],
  },
  SelfSubjectAccessReviewSpec: {
    1: ['resourceAttributes', 'ResourceAttributes'],
    2: ['nonResourceAttributes', 'NonResource'],
  },
  ResourceAttributes: {
    1: ['namespace', 'string'],
    2: ['verb', 'string'],
    3: ['group', 'string'],
    4: ['version', 'string'],
    5: ['resource', 'string'],
    6: ['subresource', 'string'],
    7: ['name', 'string'],
  },
  NonResource: { 1: ['path', 'string'], 2: ['verb', 'string'] },
  IntOrString: { 1: ['type', 'int'], 2: ['intVal', 'int'], 3: ['strVal', 'string'] },
  Quantity: { 1: ['string', 'string'] },
};

const magic = Buffer.from('k8s\0');
type Json = Record<string, unknown>;

/** Throws the Refusal (501) for a kind or a field that is not in the table. */
export function decodeProtobuf(body: Buffer): Json {
  if (!body.subarray(0, 4).equals(magic)) throw notImplemented('protobuf other than Kubernetes objects');
  const { typeMeta, raw } = decode(body.subarray(4), 'Unknown') as {
    typeMeta: { apiVersion: string; kind: string };
    raw: Buffer;
  };
  return { ...typeMeta, ...decode(raw, typeMeta.kind) };
}

function decode(bytes: Buffer, message: string): Json {
  const fields = messages[message];
  if (!fields) throw notImplemented(`protobuf for ${message}: send JSON, such as with kubectl create -f`);
  const result: Json = {};
  for (const { number, value } of read(bytes)) {
    const [name, type] = fields[number] ?? [undefined, 'Ignored'];
    if (type === 'Time' || type === 'Ignored' || !name) {
      if (!name && !isZero(value))
        throw notImplemented(`field ${number} of ${message} in protobuf: send JSON, such as with kubectl create -f`);
    } else if (type.startsWith('map ')) {
      const [key, one] = entry(value as Buffer, type.slice(4));
      result[name] = { ...(result[name] as Json | undefined), [key]: one };
    } else if (type.endsWith('[]')) {
      result[name] = [...((result[name] as unknown[] | undefined) ?? []), convert(value, type.slice(0, -2))];
    } else {
      const one = convert(value, type);
      // Go writes the zero of every field that is not a pointer.
      if ((one !== '' && one !== 0 && one !== false) || name === 'replicas') result[name] = one;
    }
  }
  return result;
}

function convert(value: number | Buffer, type: string): unknown {
  if (type === 'int') return value;
  if (type === 'bool') return value === 1;
  const bytes = value as Buffer;
  if (type === 'raw') return bytes;
  if (type === 'string') return bytes.toString('utf8');
  if (type === 'bytes') return bytes.toString('base64');
  const message = decode(bytes, type);
  if (type === 'Quantity') return message.string;
  if (type === 'IntOrString') return message.strVal ?? message.intVal ?? 0;
  return message;
}

function entry(bytes: Buffer, type: string): [string, unknown] {
  const parts = new Map([...read(bytes)].map(({ number, value }) => [number, value]));
  return [String(parts.get(1) ?? ''), convert(parts.get(2) ?? Buffer.alloc(0), type)];
}

function isZero(value: number | Buffer): boolean {
  return typeof value === 'number' ? value === 0 : value.length === 0;
}

function* read(bytes: Buffer): Generator<{ number: number; value: number | Buffer }> {
  let at = 0;
  const varint = (): number => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const wire = tag & 7;
    if (wire === 0) yield { number: tag >> 3, value: varint() };
    else if (wire === 2) {
      const length = varint();
      at += length;
      yield { number: tag >> 3, value: bytes.subarray(at - length, at) };
    } else throw notImplemented(`protobuf of wire type ${wire}`);
  }
}
