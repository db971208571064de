import {
  type ChannelClaims,
  ChannelInitiator,
  ChannelResponder,
  EnclaveIdentity,
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

/** Opens a channel through a relay that may do what it likes to each message on its way there and back. */
export async function openThrough(
  end: Awaited<ReturnType<typeof enclaveEnd>>,
  relay: {
    there?: (message: Uint8Array, count: number) => Uint8Array;
    back?: (message: Uint8Array, count: number) => Uint8Array;
  } = {},
): Promise<ChannelInitiator> {
  let count = 0;
  return ChannelInitiator.open({
    claims: end.claims,
    evidenceDigest: new Uint8Array(32),
    exchange: async (message) => {
      const index = count;
      count += 1;
      const answer = await end.responder.receive(relay.there?.(message, index) ?? message);
      return relay.back?.(answer, index) ?? answer;
    },
  });
}

/** UTF-8 both ways. */
export const utf8 = {
  encode: (text: string): Uint8Array => new TextEncoder().encode(text),
  decode: (bytes: Uint8Array): string => new TextDecoder().decode(bytes),
};
