import { TeeError } from '@neo-service-layer/tee-interface';
import { encodeCanonical } from '@neo-service-layer/tee-interface/cbor';
import { thrownBy } from '@neo-service-layer/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answerHostStore,
  firstThatKnows,
  type HostLink,
  type HostStore,
  hostCalls,
  hostStoreOver,
} from '../../src/host-link/index.ts';

function memory(): HostStore & { blobs: Map<string, Uint8Array> } {
  const blobs = new Map<string, Uint8Array>();
  return {
    blobs,
    getMany: async (keys) => keys.map((key) => blobs.get(key) ?? null),
    write: async (changes) => {
      for (const { key, value } of changes) {
        if (value === null) blobs.delete(key);
        else blobs.set(key, value);
      }
    },
  };
}

/** The enclave's end over a host that answers so. */
const over = (call: HostLink['call'], timeoutMs?: number) =>
  hostStoreOver(Promise.resolve({ call } as HostLink), timeoutMs);

describe('the host’s store over the link', () => {
  it('gives what was written, in the order of the keys, and null for the rest', async () => {
    const store = memory();
    const remote = over(answerHostStore(store));
    await remote.write([
      { key: 'a', value: Uint8Array.of(1) },
      { key: 'b.2', value: new Uint8Array() },
    ]);
    expect(await remote.getMany(['b.2', 'none', 'a'])).toEqual([new Uint8Array(), null, Uint8Array.of(1)]);
    await remote.write([{ key: 'a', value: null }]);
    expect(await remote.getMany(['a'])).toEqual([null]);
    expect(await remote.getMany([])).toEqual([]);
  });

  it('refuses on the host what is no such call, and changes nothing', async () => {
    const store = memory();
    const handle = answerHostStore(store);
    const row = (key: unknown, value: unknown) => encodeCanonical([[key, value]] as never);
    for (const body of [
      encodeCanonical('x'),
      encodeCanonical([['../etc/passwd', null]]),
      row('', null),
      row('a'.repeat(201), null),
      row('A', null),
      row('a', 'text'),
      encodeCanonical([['a', null, null]]),
    ]) {
      expect((await thrownBy(() => handle(hostCalls.storeWrite, body))).code).toBe('ERR_LINK_PROTOCOL');
    }
    expect((await thrownBy(() => handle(hostCalls.storeGet, encodeCanonical([1])))).code).toBe('ERR_LINK_PROTOCOL');
    expect(store.blobs.size).toBe(0);
  });

  it('answers hostile bytes with a typed error, whatever they are', async () => {
    const handle = answerHostStore(memory());
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), async (body) => {
        const outcome = await handle(hostCalls.storeWrite, body).catch((error: unknown) => error);
        expect(outcome instanceof Uint8Array || outcome instanceof TeeError).toBe(true);
      }),
    );
  });

  it('does not take for values what a host made up', async () => {
    const answering = (value: unknown) => over(async () => encodeCanonical(value as never));
    for (const answer of [[], [null, null], ['text'], 'text', [[]]]) {
      expect((await thrownBy(() => answering(answer).getMany(['a']))).code).toBe('ERR_LINK_PROTOCOL');
    }
  });

  it('is an error after the timeout when the host keeps silent', async () => {
    const silent = over(() => new Promise(() => {}), 20);
    expect((await thrownBy(() => silent.getMany(['a']))).code).toBe('ERR_HOST_BLOBS');
  });
});

describe('several handlers', () => {
  it('answer what one of them knows; a failure of that one stands', async () => {
    const failing = async () => {
      throw new TeeError('ERR_HOST_BLOBS', 'the disk is full');
    };
    const handle = firstThatKnows(answerHostStore(memory()), async (name, body) =>
      name === 'echo' ? body : failing(),
    );
    expect(await handle('echo', Uint8Array.of(7))).toEqual(Uint8Array.of(7));
    expect((await thrownBy(() => handle('other', new Uint8Array()))).code).toBe('ERR_HOST_BLOBS');
    expect((await thrownBy(() => firstThatKnows()('any', new Uint8Array()))).code).toBe('ERR_UNKNOWN_METHOD');
  });
});
