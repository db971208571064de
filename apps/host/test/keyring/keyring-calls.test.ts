/** What a host can say to an enclave about its keyring: anything. */
import { linkCalls } from '@neo-service-layer/tee-channel/host-link';
import { decodeOutcome, encodeCall } from '@neo-service-layer/tee-interface';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from '../in-process/enclave.ts';
import { EvilBlobs } from './host-blobs.ts';

let host: Awaited<ReturnType<typeof machine>>;
let enclave: Awaited<ReturnType<typeof startEnclave>>;

beforeAll(async () => {
  host = await machine();
  enclave = await startEnclave(host.platform, signer(), {
    blobs: new EvilBlobs(),
    keyring: { policy: { kind: 'grant', approvers: ['ab'.repeat(32)], threshold: 1 } },
  });
});
afterAll(async () => {
  await enclave.stop();
  await host.remove();
});

const outcome = async (body: Uint8Array) => decodeOutcome(await enclave.hostLink.call(linkCalls.keyring, body));

describe('calls about the keyring', () => {
  it('are answered with a typed refusal for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), async (body) => {
        expect(await outcome(body)).toMatchObject({ ok: false, error: { code: 'ERR_CBOR' } });
      }),
    );
  });

  it.each([
    ['steal', {}, 'ERR_UNKNOWN_METHOD'],
    ['constructor', {}, 'ERR_UNKNOWN_METHOD'],
    ['__proto__', {}, 'ERR_UNKNOWN_METHOD'],
    ['status', { more: 1 }, 'ERR_INVALID_ARGUMENT'],
    ['grant', {}, 'ERR_INVALID_ARGUMENT'],
    ['grant', { approval: 'text', evidence: new Uint8Array() }, 'ERR_INVALID_ARGUMENT'],
    ['recover', { document: new Uint8Array(), shares: 'none' }, 'ERR_INVALID_ARGUMENT'],
    ['recover', { document: new Uint8Array(), shares: [] }, 'ERR_SEAL_GRANT_REFUSED'],
    ['makeRecovery', {}, 'ERR_SEAL_GRANT_REFUSED'],
    ['renew', {}, 'ERR_SEAL_CONFLICT'],
  ])('are refused as %s with %o', async (name, params, code) => {
    expect(await outcome(encodeCall(name, params))).toMatchObject({ ok: false, error: { code } });
  });

  it('refuse documents of any bytes by a class of their own, and change nothing', async () => {
    const before = await enclave.keyring.status();
    await enclave.keyring.request();
    const codes = ['ERR_SEAL_FORMAT', 'ERR_SEAL_GRANT_REFUSED'];
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), async (one, other) => {
        for (const body of [
          encodeCall('grant', { approval: one, evidence: other }),
          encodeCall('accept', { document: one, evidence: other }),
        ]) {
          const answer = await outcome(body);
          expect(answer.ok ? 'accepted' : answer.error.code).toSatisfy((code: string) => codes.includes(code));
        }
      }),
    );
    expect(await enclave.keyring.status()).toEqual(before);
  });
});
