import { createHash, createPrivateKey, generateKeyPair, type KeyObject, randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { TeeError } from '@neo-service-layer/tee-interface';

const modulusBits = 3072;

/** A key that enclaves can be signed with. */
export interface SigningKey {
  readonly file: string;
  /** SHA-256 over the modulus, little endian: what SGX reports as MRSIGNER (SDM Vol. 3D, EINIT). Lower-case hex. */
  readonly mrSigner: string;
}

/**
 * Reads a signing key and checks that SGX accepts its kind: RSA, 3072 bits, exponent 3, as PEM without passphrase.
 *
 * Does not tell whether the key is secret; see {@link refuseTemplateKey}.
 *
 * @throws TeeError ERR_OCCLUM_SIGNING_KEY
 */
export async function readSigningKey(file: string): Promise<SigningKey> {
  let key: KeyObject;
  try {
    key = createPrivateKey(await readFile(file));
  } catch (cause) {
    // The cause may quote the file; only its code is told.
    const why = (cause as NodeJS.ErrnoException).code ?? 'unreadable';
    throw new TeeError('ERR_OCCLUM_SIGNING_KEY', `the signing key ${file} cannot be read`, {
      expected: 'an RSA private key as PEM without passphrase',
      actual: why,
    });
  }
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType !== 'rsa' || modulusLength !== modulusBits || publicExponent !== 3n) {
    throw new TeeError('ERR_OCCLUM_SIGNING_KEY', `the signing key ${file} is not of the kind SGX takes`, {
      expected: 'RSA 3072 bits, exponent 3',
      actual: `${key.asymmetricKeyType} ${modulusLength ?? ''} bits, exponent ${publicExponent ?? 'none'}`,
      hint: 'Make one with generateSigningKey() or `openssl genrsa -3 3072`.',
    });
  }
  const modulus = Buffer.from(key.export({ format: 'jwk' }).n ?? '', 'base64url');
  return { file, mrSigner: createHash('sha256').update(modulus.reverse()).digest('hex') };
}

/**
 * Refuses the demo key that every Occlum installation carries: whoever has it is the same signer, so MRSIGNER and the
 * sealing keys bound to it protect nothing (occlum-contract §4.3).
 *
 * @param templates files of demo keys, those that exist
 * @throws TeeError ERR_OCCLUM_SIGNING_KEY
 */
export async function refuseTemplateKey(key: SigningKey, templates: readonly string[]): Promise<void> {
  for (const file of templates) {
    const template = await readSigningKey(file).catch(() => undefined);
    if (template?.mrSigner !== key.mrSigner) continue;
    throw new TeeError('ERR_OCCLUM_SIGNING_KEY', 'the signing key is the public demo key of Occlum', {
      actual: file,
      hint: 'Make your own with generateSigningKey(); the demo key is only for debuggable enclaves.',
    });
  }
}

/**
 * Makes a signing key, RSA of 3072 bits with exponent 3, in a file with mode 0600; keeps one that is there already,
 * after checking it; makes the folder. The file appears whole or not at all, also for two processes at once.
 *
 * @throws TeeError ERR_OCCLUM_SIGNING_KEY when there is a file that is not such a key
 */
export async function generateSigningKey(file: string): Promise<SigningKey> {
  if ((await stat(file).catch(() => undefined)) !== undefined) return await readSigningKey(file);
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // PKCS#1, the form that sgx_sign and openssl genrsa have always used.
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength: modulusBits,
    publicExponent: 3,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  const draft = `${file}.${randomUUID()}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(privateKey);
    await handle.sync();
    await handle.close();
    await link(draft, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
  return await readSigningKey(file);
}
