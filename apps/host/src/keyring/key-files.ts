import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { TeeError } from '@neo-service-layer/tee-interface';
import { readFile, usage } from '../cli/arguments.ts';

/** Kinds of keys that people hold: Ed25519 to approve, X25519 to recover. */
export type KeyKind = 'ed25519' | 'x25519';

/** SubjectPublicKeyInfo and PKCS #8 of both kinds end with the 32 bytes of the key (RFC 8410). */
const rawLength = 32;

/**
 * Makes a key pair: the private key in `file` (PEM, for its owner only), the public one in `file`.pub.
 * @returns the public key, hex
 * @throws {TeeError} ERR_INVALID_ARGUMENT when one of the files is there already
 */
export function writeKeyPair(kind: KeyKind, file: string): string {
  const { privateKey, publicKey } = kind === 'ed25519' ? generateKeyPairSync('ed25519') : generateKeyPairSync('x25519');
  writeNew(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), 0o600);
  writeNew(`${file}.pub`, publicKey.export({ type: 'spki', format: 'pem' }), 0o644);
  return Buffer.from(rawPublicKey(publicKey)).toString('hex');
}

/** A public key out of a PEM file (of either half), or given as 64 hex digits. @returns hex @throws {TeeError} ERR_INVALID_ARGUMENT */
export function publicKeyArgument(kind: KeyKind, given: string): string {
  if (/^[0-9a-f]{64}$/.test(given)) return given;
  const key = parsed(given, kind, (pem) => createPublicKey(pem));
  return Buffer.from(rawPublicKey(key)).toString('hex');
}

/** A private key out of a PEM file. @throws {TeeError} ERR_INVALID_ARGUMENT; nothing of the file stands in the message */
export function privateKeyFile(kind: KeyKind, file: string): KeyObject {
  return parsed(file, kind, (pem) => createPrivateKey(pem));
}

/** The 32 bytes of a private key. */
export function rawPrivateKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'pkcs8' }).subarray(-rawLength));
}

function rawPublicKey(key: KeyObject): Uint8Array {
  return new Uint8Array(key.export({ format: 'der', type: 'spki' }).subarray(-rawLength));
}

function parsed(file: string, kind: KeyKind, parse: (pem: string) => KeyObject): KeyObject {
  const pem = Buffer.from(readFile(file)).toString('latin1');
  let key: KeyObject | null = null;
  try {
    key = parse(pem);
  } catch {
    // The error of the parser may quote the file.
  }
  if (key?.asymmetricKeyType === kind) return key;
  throw new TeeError('ERR_INVALID_ARGUMENT', `${file} holds no such key.`, {
    expected: `an ${kind === 'ed25519' ? 'Ed25519' : 'X25519'} key in PEM`,
    actual: key === null ? 'no key that can be read' : `a key of the kind ${key.asymmetricKeyType}`,
    hint: `neo-tee keyring new-key FILE${kind === 'x25519' ? ' --holder' : ''} makes one.`,
  });
}

function writeNew(file: string, text: string | Buffer, mode: number): void {
  try {
    writeFileSync(file, text, { mode, flag: 'wx' });
  } catch (cause) {
    const exists = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
    throw usage(
      exists ? `${file} is there already; a key is never overwritten.` : `${file} could not be written.`,
      cause,
    );
  }
}
