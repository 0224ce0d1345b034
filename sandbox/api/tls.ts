/** A certificate authority, made at boot, and the API server's certificate: P-256, made in a few milliseconds. */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, set, text, time } from './der.ts';

export interface Identity {
  /** PEM */
  readonly key: string;
  readonly certificate: string;
  readonly ca: string;
}

const lifeMs = 365 * 24 * 3600 * 1000;
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

export function createIdentity(names: readonly string[], addresses: readonly string[], now: number): Identity {
  const ca = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = nameOf('kube-e2etests sandbox CA');
  const caExtensions = [
    extension('2.5.29.19', true, sequence(boolean(true))),
    extension('2.5.29.15', true, bits(Buffer.from([0x06]), 1)),
    extension('2.5.29.14', false, octets(keyId(ca.publicKey))),
  ];
  const alternatives = [
    ...names.map((name) => implicit(2, Buffer.from(name))),
    ...addresses.map((address) => implicit(7, Buffer.from(address.split('.').map(Number)))),
  ];
  const serverExtensions = [
    extension('2.5.29.15', true, bits(Buffer.from([0x80]), 7)),
    extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
    extension('2.5.29.35', false, sequence(implicit(0, keyId(ca.publicKey)))),
    extension('2.5.29.17', false, sequence(...alternatives)),
  ];
  return {
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    certificate: certificate(issuer, nameOf('kube-apiserver'), server.publicKey, serverExtensions, ca.privateKey, now),
    ca: certificate(issuer, issuer, ca.publicKey, caExtensions, ca.privateKey, now),
  };
}

function certificate(
  issuer: Buffer,
  subject: Buffer,
  publicKey: KeyObject,
  extensions: readonly Buffer[],
  signer: KeyObject,
  now: number,
): string {
  // A little early, for clocks that do not quite agree.
  const validity = sequence(time(new Date(now - 3600_000)), time(new Date(now + lifeMs)));
  const body = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])),
    ecdsaWithSha256,
    issuer,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const whole = sequence(body, ecdsaWithSha256, bits(sign('sha256', body, signer)));
  const lines = whole
    .toString('base64')
    .match(/.{1,64}/g)!
    .join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

function nameOf(commonName: string): Buffer {
  return sequence(set(sequence(oid('2.5.4.3'), text(commonName))));
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return critical ? sequence(oid(id), boolean(true), octets(value)) : sequence(oid(id), octets(value));
}

function keyId(key: KeyObject): Buffer {
  return createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();
}
