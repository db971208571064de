import { createHash } from 'node:crypto';
import {
  type Aead,
  BlobSealer,
  type BlobSealOptions,
  nodeAes256Gcm,
  nodeChaCha20Poly1305,
  type SealingKey,
} from '../../src/index.ts';

/** One test vector; all bytes are hex. */
export interface Vector {
  title: string;
  /** The 32 bytes that the blob's key is derived from: a KEK, or a generation of a keyring. */
  secret: string;
  aad: string;
  plaintext: string;
  blob: string;
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const fixed = (label: string, length: number) =>
  new Uint8Array(createHash('shake256', { outputLength: length }).update(label).digest());

/** The vectors of docs/tee-seal.md. Random bytes come from a label, so they are the same every time. */
export async function makeVectors(): Promise<Vector[]> {
  const keyring: SealingKey['recipient'] = { kind: 'keyring', keyringId: fixed('keyring id', 16), generation: 3 };
  const device: SealingKey['recipient'] = {
    kind: 'device',
    keyCheck: fixed('key check', 16),
    policy: 'signer',
    keyId: fixed('key id', 32),
    cpuSvn: fixed('cpu svn', 16),
    isvSvn: 5,
    configSvn: 0,
    mrEnclave: hex(fixed('mrenclave', 32)),
    mrSigner: hex(fixed('mrsigner', 32)),
  };
  const vector = async (
    title: string,
    recipient: SealingKey['recipient'],
    length: number,
    options: BlobSealOptions & { aead?: Aead; detached?: boolean },
  ): Promise<Vector> => {
    const { aead = nodeAes256Gcm, detached = false, ...binding } = options;
    const secret = fixed(`secret ${title}`, 32);
    const keys = {
      forSealing: async () => ({ secret, recipient }),
      forOpening: async () => ({ secret, resealNeeded: false }),
    };
    const sealer = new BlobSealer(keys, { aead, chunkSize: 64, rng: (n) => fixed(`salt ${title}`, n) });
    const plaintext = fixed(`plaintext ${title}`, length);
    const parts = detached ? await sealer.sealDetached(plaintext, binding) : null;
    const blob = parts ? Buffer.concat([parts.envelope, parts.body]) : await sealer.seal(plaintext, binding);
    return {
      title,
      secret: hex(secret),
      aad: hex(binding.aad ?? new Uint8Array()),
      plaintext: hex(plaintext),
      blob: hex(blob),
    };
  };
  return [
    await vector('empty', keyring, 0, {}),
    await vector('one chunk, named', keyring, 40, { name: 'oracle/state', epoch: 9 }),
    await vector('three chunks, AAD', keyring, 150, { name: 'müllers', aad: Uint8Array.of(1, 2, 3) }),
    await vector('exactly two chunks', keyring, 128, {}),
    await vector('ChaCha20-Poly1305', keyring, 100, { aead: nodeChaCha20Poly1305 }),
    await vector('detached body', keyring, 70, { detached: true }),
    await vector('under the key of a CPU', device, 65, { name: 'keyring' }),
  ];
}
