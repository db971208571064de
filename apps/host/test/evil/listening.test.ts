import { EvilBlobStore, evilTransport, Recording } from '@neo-service-layer/evil-host';
import { ephemeralUserKey } from '@neo-service-layer/tee-client';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { machine, signer, startEnclave } from '../in-process/enclave.ts';
import { EvilBlobs } from '../keyring/host-blobs.ts';

/** In how many ways a word can stand in bytes: as it is, in other encodings, backwards. */
function formsOf(word: string): Buffer[] {
  const raw = Buffer.from(word);
  const utf16 = Buffer.from(word, 'utf16le');
  // In the middle of other base64 a word stands in one of three ways; its own ends depend on its neighbours.
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from(
      Buffer.concat([Buffer.alloc(shift), raw])
        .toString('base64')
        .slice(4, -4),
    ),
  );
  const url = base64.map((form) => Buffer.from(form.toString().replaceAll('+', '-').replaceAll('/', '_')));
  const hex = Buffer.from(raw.toString('hex'));
  const upperHex = Buffer.from(raw.toString('hex').toUpperCase());
  return [raw, utf16, utf16.swap16(), Buffer.from(raw).reverse(), hex, upperHex, ...base64, ...url];
}

function isIn(haystack: Buffer, word: string): boolean {
  return formsOf(word).some((form) => haystack.includes(form));
}

const words = {
  code: 'canary-in-the-code',
  input: 'canary-in-the-input',
  secret: 'canary-in-the-secret',
  secretName: 'canary-name-of-the-secret',
  functionId: 'canary-name-of-the-function',
  userId: 'canary-name-of-the-user',
  result: 'canary-in-the-result-of-it',
  log: 'canary-in-the-log-of-it',
  error: 'canary-in-the-error-of-it',
  dataName: 'canary-name-of-the-data',
  data: 'canary-in-the-data-itself',
  sealName: 'canary-name-of-the-blob',
  sealed: 'canary-in-what-was-sealed',
  streamed: 'canary-in-what-was-streamed',
};

let host: Awaited<ReturnType<typeof machine>>;
let enclave: Awaited<ReturnType<typeof startEnclave>>;
const blobs = new EvilBlobs();
const store = new EvilBlobStore();
const recording = new Recording();
const further: (string | Uint8Array)[] = [];

beforeAll(async () => {
  host = await machine();
  enclave = await startEnclave(host.platform, signer(), { blobs, store });
  const user = await ephemeralUserKey(words.userId);
  const client = await enclave.connect({ user, transport: evilTransport(enclave.transport, recording) });
  await client.setSecret({ name: words.secretName, value: words.secret });
  const code = `function main(input, secrets) {
    console.log("${words.log}");
    if (input.fails) throw new Error("${words.error}");
    return ["${words.code}", "canary-in-the-" + "result-of-it", Object.keys(secrets)];
  }`;
  await client.deployFunction({ functionId: words.functionId, code, secrets: [words.secretName], storage: true });
  const call = { functionId: words.functionId, input: { text: words.input } };
  const { result } = await client.invokeFunction({ ...call, receipt: true });
  expect(result).toEqual([words.code, words.result, [words.secretName]]);
  const failed = await thrownBy(() => client.invokeFunction({ ...call, input: { fails: true, text: words.input } }));
  expect(failed.message).toContain(words.error);
  await client.putData({ name: words.dataName, value: Buffer.from(words.data) });
  await client.listData();
  // A blob is the client's to show to whom it likes; its name stands in it, and the enclave sends it sealed once more.
  await client.sealData({ data: Buffer.from(words.sealed), name: words.sealName });
  const body = new Blob([words.streamed.repeat(4000)]).stream() as ReadableStream<Uint8Array>;
  const sealed = await client.sealStream({ name: words.sealName }, body);
  for await (const _ of sealed);
  further.push(await client.getRandomBytes({ length: 32 }), user.publicKey);
  await client.getInfo();
});

afterAll(async () => {
  await enclave.stop();
  await host.remove();
});

/** All that the host has of the run: what crossed its link, what its relay carried, what it keeps. */
function everything(): Buffer {
  const carried = recording.exchanges.flatMap(({ message, answer }) => [message, answer]);
  const kept = [...blobs.kept, ...store.snapshot()].flatMap(([key, bytes]) => [Buffer.from(key), bytes]);
  return Buffer.concat([enclave.crossed(), ...carried, ...kept]);
}

describe('of a full run the host has', () => {
  it.each(Object.entries(words))('neither in clear nor encoded: the canary of the %s', (_what, word) => {
    const all = everything();
    expect(all.length).toBeGreaterThan(100_000);
    expect(isIn(all, word)).toBe(false);
  });

  it('neither methods nor parameters’ names', () => {
    const all = everything();
    for (const word of [
      'invokeFunction',
      'deployFunction',
      'putData',
      'sealStream',
      'functionId',
      'ERR_JS_USER',
      'getInfo',
    ]) {
      expect({ word, found: isIn(all, word) }).toEqual({ word, found: false });
    }
  });

  it('neither the user’s key nor random bytes that the user got', () => {
    for (const bytes of further) {
      const forms = [Buffer.from(bytes), Buffer.from(Buffer.from(bytes).toString('hex')), Buffer.from(bytes).reverse()];
      for (const form of forms) expect(everything().includes(form)).toBe(false);
    }
  });

  it('calls without parameters of the same size as short ones', () => {
    const classes = new Set(recording.requests.map(({ length }) => length));
    // The rest of a message around its padded content has one of a few lengths.
    expect(classes.size).toBeLessThan(12);
  });
});

describe('the search for canaries (counter-test)', () => {
  it.each([
    ['as it is', (word: string) => Buffer.from(`before ${word} after`)],
    ['in UTF-16', (word: string) => Buffer.from(`before ${word} after`, 'utf16le')],
    ['in hex', (word: string) => Buffer.from(Buffer.from(`x${word}y`).toString('hex'))],
    ['in base64', (word: string) => Buffer.from(Buffer.from(`x${word}y`).toString('base64'))],
    ['in base64url', (word: string) => Buffer.from(Buffer.from(`xy${word}z`).toString('base64url'))],
    ['backwards', (word: string) => Buffer.from(`before ${word}`).reverse()],
  ])('finds one %s', (_how, hidden) => {
    for (const word of Object.values(words)) expect(isIn(hidden(word), word)).toBe(true);
  });
});
