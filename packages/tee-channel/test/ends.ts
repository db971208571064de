import {
  type ChannelClaims,
  ChannelInitiator,
  ChannelResponder,
  EnclaveIdentity,
  type InitiatorOptions,
  type ResponderOptions,
  suites,
} from '../src/index.ts';

/** An enclave's end whose calls answer with what they got, doubled, and a list of what was handled. */
export async function enclaveEnd(options: Partial<ResponderOptions> = {}) {
  const identity = await EnclaveIdentity.generate();
  const handled: string[] = [];
  const clock = { seconds: 1_000_000 };
  const responder = new ChannelResponder({
    identity,
    now: () => clock.seconds,
    handle: async (payload) => {
      handled.push(new TextDecoder().decode(payload));
      return new Uint8Array([...payload, ...payload]);
    },
    ...options,
  });
  const claims: ChannelClaims = {
    identityKey: identity.publicKey,
    suites: [suites.x25519Aes256Gcm],
    minVersion: 1,
    configHash: new Uint8Array(32),
    bootId: new Uint8Array(16),
    notAfter: 2_000_000,
    nonce: new Uint8Array(),
  };
  return { identity, responder, claims, handled, clock };
}

/** What a relay does to each message on its way there and back; it may also take its time. */
export interface Relay {
  there?: (message: Uint8Array, count: number) => Uint8Array | Promise<Uint8Array>;
  back?: (message: Uint8Array, count: number) => Uint8Array | Promise<Uint8Array>;
}

/** Opens a channel through a relay that may do what it likes. */
export async function openThrough(
  end: Pick<Awaited<ReturnType<typeof enclaveEnd>>, 'claims' | 'responder'>,
  relay: Relay = {},
  options: Partial<InitiatorOptions> = {},
): Promise<ChannelInitiator> {
  let count = 0;
  return ChannelInitiator.open({
    claims: end.claims,
    evidenceDigest: new Uint8Array(32),
    exchange: async (message) => {
      const index = count;
      count += 1;
      const answer = await end.responder.receive((await relay.there?.(message, index)) ?? message);
      return (await relay.back?.(answer, index)) ?? answer;
    },
    ...options,
  });
}

/** UTF-8 both ways. */
export const utf8 = {
  encode: (text: string): Uint8Array => new TextEncoder().encode(text),
  decode: (bytes: Uint8Array): string => new TextDecoder().decode(bytes),
};

/** A stream of the given pieces, and how many of them were asked for. */
export function streamOf(pieces: Iterable<Uint8Array>): { stream: ReadableStream<Uint8Array>; taken: () => number } {
  const iterator = pieces[Symbol.iterator]();
  let taken = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const next = iterator.next();
        if (next.done) return controller.close();
        taken += 1;
        controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, taken: () => taken };
}

/** All bytes of a stream. */
export async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(next.value);
  return new Uint8Array(Buffer.concat(chunks));
}
