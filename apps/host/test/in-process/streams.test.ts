import { createHash, randomBytes } from 'node:crypto';
import { ephemeralUserKey } from '@neo-service-layer/tee-client';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from './enclave.ts';

let host: Awaited<ReturnType<typeof machine>>;
let enclave: Awaited<ReturnType<typeof startEnclave>>;

beforeAll(async () => {
  host = await machine();
  enclave = await startEnclave(host.platform, signer());
});

afterAll(async () => {
  await enclave.stop();
  await host.remove();
});

const piece = new Uint8Array(randomBytes(100_000));

/** So many pieces, made when they are asked for. */
function pieces(count: number): ReadableStream<Uint8Array> {
  let left = count;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) return controller.close();
      left -= 1;
      controller.enqueue(piece);
    },
  });
}

async function digestOf(stream: ReadableStream<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

async function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).arrayBuffer());
}

const bodyOf = (bytes: Uint8Array) => new Blob([Uint8Array.from(bytes)]).stream() as ReadableStream<Uint8Array>;

describe('sealing as a stream', () => {
  it('gives back what went in, more of it than a call takes, without holding it', { timeout: 60_000 }, async () => {
    const client = await enclave.connect();
    const sealed = await client.sealStream({ name: 'film' }, pieces(200));
    const opened = await client.unsealStream({ name: 'film' }, sealed);
    expect(await digestOf(opened)).toBe(await digestOf(pieces(200)));
  });

  it('makes the same kind of blob as a call does', async () => {
    const client = await enclave.connect();
    const sealed = await bytesOf(await client.sealStream({ name: 'n' }, pieces(2)));
    expect(Buffer.concat([piece, piece]).equals(await client.unsealData({ sealed, name: 'n' }))).toBe(true);
    const called = await client.sealData({ data: piece, name: 'n' });
    const opened = await bytesOf(await client.unsealStream({ name: 'n' }, bodyOf(called)));
    expect(Buffer.from(piece).equals(opened)).toBe(true);
  });

  it('fails the stream when bytes were changed, cut off, or sealed under another name or by another user', async () => {
    const client = await enclave.connect({ user: await ephemeralUserKey('streamer') });
    const sealed = await bytesOf(await client.sealStream({ name: 'n' }, pieces(3)));
    const changed = sealed.slice();
    changed[150_000] = (changed[150_000] ?? 0) ^ 1;
    const read = (bytes: Uint8Array, name = 'n', by = client) =>
      thrownBy(async () => bytesOf(await by.unsealStream({ name }, bodyOf(bytes))));
    expect((await read(changed)).code).toBe('ERR_SEAL_TAMPERED');
    expect((await read(sealed.subarray(0, 200_000))).code).toMatch(/^ERR_SEAL_(TRUNCATED|TAMPERED)$/);
    expect((await read(sealed, 'other')).code).toBe('ERR_SEAL_NAME_MISMATCH');
    expect((await read(sealed, 'n', await enclave.connect())).code).toBe('ERR_SEAL_TAMPERED');
  });
});

describe('a call that is given up', () => {
  it('ends in the enclave as well: its function is stopped and another one runs', { timeout: 30_000 }, async () => {
    const client = await enclave.connect();
    const abort = new AbortController();
    const endless = {
      functionId: 'f',
      code: 'function main() { for (;;); }',
      limits: { timeoutMs: 60_000, gas: 100_000_000_000 },
    };
    const running = thrownBy(() => client.executeJavaScript(endless, { signal: abort.signal }));
    setTimeout(() => abort.abort(), 100);
    expect((await running).code).toBe('ERR_CHANNEL_CANCELLED');
    // There is one worker: it is free only if the endless function was ended.
    expect((await client.executeJavaScript({ functionId: 'g', code: 'const main = () => 1;' })).result).toBe(1);
  });
});
