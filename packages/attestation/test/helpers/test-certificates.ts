import { bits, boolean, der, enumerated, extension, integer, name, octets, oid, sequence, time } from './der-writer.ts';
import { derSignature, type TestKey } from './test-keys.ts';

const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

export { extension };

/** Everything a test may want to get wrong in a certificate. */
export interface TestCertificate {
  subject: string;
  issuer: string;
  subjectKey: TestKey;
  issuerKey: TestKey;
  serial: number;
  notBefore: number;
  notAfter: number;
  ca: boolean;
  pathLength?: number;
  /** First octet of the key usage bits. */
  keyUsage: number;
  extensions: Uint8Array[];
}

/** Makes a certificate. */
export function certificate(fields: TestCertificate): Uint8Array {
  const constraints = sequence(
    ...(fields.ca ? [boolean(true)] : []),
    ...(fields.pathLength === undefined ? [] : [integer(fields.pathLength)]),
  );
  const extensions = [
    extension('2.5.29.19', true, constraints),
    extension('2.5.29.15', true, bits(Uint8Array.of(fields.keyUsage), 1)),
    ...fields.extensions,
  ];
  const tbs = sequence(
    der(0xa0, integer(2)),
    integer(fields.serial),
    ecdsaWithSha256,
    name(fields.issuer),
    sequence(time(fields.notBefore), time(fields.notAfter)),
    name(fields.subject),
    fields.subjectKey.spki,
    der(0xa3, sequence(...extensions)),
  );
  return sequence(tbs, ecdsaWithSha256, bits(derSignature(fields.issuerKey, tbs)));
}

/** Everything a test may want to get wrong in a revocation list. */
export interface TestRevocationList {
  issuer: string;
  issuerKey: TestKey;
  thisUpdate: number;
  nextUpdate: number;
  revoked: number[];
  extensions: Uint8Array[];
}

/** Makes a revocation list. */
export function revocationList(fields: TestRevocationList): Uint8Array {
  const entries = fields.revoked.map((serial) => sequence(integer(serial), time(fields.thisUpdate)));
  const tbs = sequence(
    integer(1),
    ecdsaWithSha256,
    name(fields.issuer),
    time(fields.thisUpdate),
    time(fields.nextUpdate),
    ...(entries.length > 0 ? [sequence(...entries)] : []),
    der(0xa0, sequence(extension('2.5.29.20', false, integer(1)), ...fields.extensions)),
  );
  return sequence(tbs, ecdsaWithSha256, bits(derSignature(fields.issuerKey, tbs)));
}

/** What the SGX extension of a PCK certificate says. */
export interface TestPck {
  fmspc: Uint8Array;
  pceId: Uint8Array;
  ppid: Uint8Array;
  svns: number[];
  pceSvn: number;
}

/** The SGX extension. */
export function sgxExtension({ fmspc, pceId, ppid, svns, pceSvn }: TestPck): Uint8Array {
  const base = '1.2.840.113741.1.13.1';
  const pair = (id: string, value: Uint8Array) => sequence(oid(id), value);
  const tcb = sequence(
    ...svns.map((svn, i) => pair(`${base}.2.${i + 1}`, integer(svn))),
    pair(`${base}.2.17`, integer(pceSvn)),
    pair(`${base}.2.18`, octets(Uint8Array.from(svns.slice(0, 16)))),
  );
  const value = sequence(
    pair(`${base}.1`, octets(ppid)),
    pair(`${base}.2`, tcb),
    pair(`${base}.3`, octets(pceId)),
    pair(`${base}.4`, octets(fmspc)),
    pair(`${base}.5`, enumerated(0)),
  );
  return extension(base, false, value);
}
