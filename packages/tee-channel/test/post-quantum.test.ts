import { readFileSync } from 'node:fs';
import { thrownBy } from '@neo-service-layer/testing';
import { KEM_MLKEM768_X25519 } from '@panva/hpke-noble';
import { describe, expect, it } from 'vitest';
import { classicSuite, suites } from '../src/index.ts';
import { parseMessage } from '../src/messages.ts';
import { postQuantumSuite } from '../src/post-quantum.ts';
import { enclaveEnd, openThrough, readAll, utf8 } from './ends.ts';

const both = [classicSuite, postQuantumSuite];

/** An enclave that offers both suites, and says so in its claims. */
async function hybridEnd() {
  const end = await enclaveEnd({
    suites: both,
    handleStream: async ({ head }) => new Response(new Uint8Array(head)).body ?? new ReadableStream(),
  });
  return { ...end, claims: { ...end.claims, suites: both.map(({ id }) => id) } };
}

describe('the KEM of the post-quantum suite', () => {
  it('decapsulates the published vector', async () => {
    const vector = JSON.parse(readFileSync(new URL('./vectors/mlkem768-x25519.json', import.meta.url), 'utf8'));
    const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));
    const kem = KEM_MLKEM768_X25519();
    const privateKey = await kem.DeserializePrivateKey(hex(vector.sk), true);
    const secret = await kem.Decap(hex(vector.ct), privateKey, undefined);
    expect(Buffer.from(secret).toString('hex')).toBe(vector.ss);
  });

  it('has keys and secrets of the lengths that the messages name', async () => {
    for (const { hpke, kemKeyLength, encLength } of both) {
      const pair = await hpke.GenerateKeyPair();
      expect((await hpke.SerializePublicKey(pair.publicKey)).length).toBe(kemKeyLength);
      const { encapsulatedSecret } = await hpke.SendExport(pair.publicKey, utf8.encode('x'), 32, {
        info: utf8.encode('i'),
      });
      expect(encapsulatedSecret.length).toBe(encLength);
    }
  });
});

describe('a session of the post-quantum suite', () => {
  it('calls, streams and resumes as any other', async () => {
    const end = await hybridEnd();
    const kemKeys: number[] = [];
    const back = (message: Uint8Array) => {
      const parsed = parseMessage(message);
      if (parsed.type === 'welcome') kemKeys.push(parsed.kemKey.length);
      return message;
    };
    const channel = await openThrough(end, { back }, { suite: postQuantumSuite });
    expect(utf8.decode(await channel.call(utf8.encode('x')))).toBe('xx');
    expect(utf8.decode(await readAll(await channel.stream(utf8.encode('s'))))).toBe('s');
    const resumed = await openThrough(end, { back }, { suite: postQuantumSuite, resume: await channel.ticket() });
    expect(resumed.isResumed).toBe(true);
    expect(utf8.decode(await resumed.call(utf8.encode('y')))).toBe('yy');
    expect(kemKeys).toEqual([1216, 1216]);
  });

  it('lives beside classic ones', async () => {
    const end = await hybridEnd();
    const channels = [await openThrough(end), await openThrough(end, {}, { suite: postQuantumSuite })];
    const answers = await Promise.all(channels.map((channel) => channel.call(utf8.encode('z'))));
    expect(answers.map((answer) => utf8.decode(answer))).toEqual(['zz', 'zz']);
  });

  it('is not to be had of an enclave whose claims do not name it, whatever the host says', async () => {
    const end = await enclaveEnd();
    expect((await thrownBy(() => openThrough(end, {}, { suite: postQuantumSuite }))).code).toBe('ERR_CHANNEL_VERSION');
    // Claims that do name it, of an enclave that does not speak it: it refuses, and nothing else is spoken.
    const boastful = { ...end, claims: { ...end.claims, suites: [1, suites.mlkem768X25519Aes256Gcm] } };
    expect((await thrownBy(() => openThrough(boastful, {}, { suite: postQuantumSuite }))).code).toBe(
      'ERR_CHANNEL_VERSION',
    );
  });

  it('cannot be talked down: a welcome of another suite is refused', async () => {
    const end = await hybridEnd();
    const classic: Uint8Array[] = [];
    const note = (message: Uint8Array) => {
      classic.push(message);
      return message;
    };
    await openThrough(end, { back: note });
    const swapped = openThrough(end, { back: () => classic[0] ?? new Uint8Array() }, { suite: postQuantumSuite });
    expect((await thrownBy(() => swapped)).code).toMatch(/^ERR_CHANNEL_(VERSION|AUTH)$/);
  });
});
