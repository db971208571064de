import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type SigstructFields, writeSigstruct } from '../../src/sigstruct/write.ts';

const templateFile = new URL('../../template/Enclave.pem', import.meta.url);
let cached: KeyObject | undefined;

/** An RSA-3072 key with exponent 3: the public template key, since making one takes a second. */
export function signingKey(): KeyObject {
  cached ??= createPrivateKey(readFileSync(templateFile));
  return cached;
}

/** A new key, for tests that need another than the template's. */
export function newSigningKey(): KeyObject {
  return createPrivateKey(
    generateKeyPairSync('rsa', { modulusLength: 3072, publicExponent: 3 }).privateKey.export({
      type: 'pkcs8',
      format: 'pem',
    }),
  );
}

export const measurement: Uint8Array = new Uint8Array(createHash('sha256').update('some enclave').digest());

const debugBit = 2n;

/** Fields of an enclave that may be launched in debug mode unless `production`. */
export function sigstructFields(changes: Partial<SigstructFields> & { production?: boolean } = {}): SigstructFields {
  const { production = false, ...fields } = changes;
  const all = 0xffff_ffff_ffff_ffffn;
  return {
    enclaveHash: measurement,
    attributes: { flags: 4n, xfrm: 3n },
    attributeMask: { flags: production ? all : all & ~debugBit, xfrm: all },
    miscSelect: 0,
    miscMask: 0xffff_ffff,
    isvProdId: 7,
    isvSvn: 3,
    isvFamilyId: new Uint8Array(16),
    isvExtProdId: new Uint8Array(16),
    date: 0x20250610,
    ...fields,
  };
}

export function signedBy(key: KeyObject, changes: Parameters<typeof sigstructFields>[0] = {}): Uint8Array {
  return writeSigstruct(sigstructFields(changes), key);
}
