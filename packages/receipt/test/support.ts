import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import type { ExecutionReceipt } from '../src/index.ts';

const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);

/** A receipt with nothing special in it. */
export const receipt: Omit<ExecutionReceipt, 'cosigner'> = {
  functionHash: bytes(32, 1),
  contract: bytes(32, 8),
  input: bytes(32, 2),
  output: bytes(32, 3),
  secretNames: bytes(32, 4),
  outcome: 'ok',
  limits: { timeoutMs: 5000, memoryBytes: 64 * 1024 * 1024, gas: 1_000_000_000 },
  gasUsed: 55_110,
  functionId: 'price-oracle',
  userId: 'alice',
  userKey: bytes(32, 7),
  counter: 1,
  time: 1_764_000_000,
  bootId: bytes(16, 5),
  configHash: bytes(32, 6),
};

/** An Ed25519 key of the test's own (RFC 8032, test 1), as an enclave's identity signs with one. */
const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex');
const key = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
  format: 'der',
  type: 'pkcs8',
});

/** Signs with that key. */
export const identity = { sign: async (data: Uint8Array) => new Uint8Array(sign(null, data, key)) };

/** Its public key, 32 bytes. */
export const identityKey = new Uint8Array(createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(-32));
