import {
  ChannelResponder,
  channelReportData,
  EnclaveIdentity,
  encodeChannelClaims,
  encodeMessage,
  parseChannelClaims,
  parseMessage,
} from '@neo-service-layer/tee-channel';
import { type Defence, unsafeOpen, unsafeResponder } from '@neo-service-layer/tee-channel/unsafe';
import type { Transport } from '@neo-service-layer/tee-client';
import { TeeError } from '@neo-service-layer/tee-interface';
import type { AttackTarget } from '../../src/index.ts';

const utf8 = {
  encode: (text: string) => new TextEncoder().encode(text),
  decode: (b: Uint8Array) => Buffer.from(b).toString(),
};
const bundleOf = (claims: Uint8Array) => {
  const nothing = new Uint8Array();
  const collateral = {
    tcbInfo: nothing,
    tcbInfoIssuerChain: nothing,
    qeIdentity: nothing,
    qeIdentityIssuerChain: nothing,
  };
  return { quote: nothing, claims, collateral };
};

/** What is taken out: a defence of the channel, or the comparison of the claims with what the quote commits to. */
export type Missing = Defence | 'claims-binding';

/**
 * Both ends of the channel without Intel's part: in place of a quote stands the reportData that one would carry. With
 * nothing missing, it is the channel as it is.
 */
export async function channelTarget(missing: readonly Missing[] = []): Promise<AttackTarget & { handled: string[] }> {
  const without = missing.filter((defence) => defence !== 'claims-binding');
  const handled: string[] = [];
  const options = {
    identity: await EnclaveIdentity.generate(),
    now: () => Date.now() / 1000,
    handle: async (payload: Uint8Array) => {
      handled.push(utf8.decode(payload));
      return utf8.encode(`answer to ${utf8.decode(payload)}`);
    },
  };
  const responder = without.length === 0 ? new ChannelResponder(options) : unsafeResponder(options, without);
  const claims = encodeChannelClaims({
    identityKey: options.identity.publicKey,
    suites: [1],
    minVersion: 1,
    configHash: new Uint8Array(32),
    bootId: new Uint8Array(16),
    notAfter: 2_000_000_000,
    nonce: new Uint8Array(),
  });
  const reportData = Buffer.from(await channelReportData(claims));
  const connect = async (transport: Transport) => {
    const bundle = await transport.evidence();
    if (!missing.includes('claims-binding') && !reportData.equals(await channelReportData(bundle.claims))) {
      throw new TeeError('ERR_EVIDENCE_BINDING', 'The claims are not those of the quote.');
    }
    const channel = await unsafeOpen(
      {
        claims: parseChannelClaims(bundle.claims),
        evidenceDigest: new Uint8Array(32),
        exchange: (message) => transport.exchange(message),
      },
      without,
    );
    return { call: async (text: string) => utf8.decode(await channel.call(utf8.encode(text))) };
  };
  const transport = {
    evidence: async () => bundleOf(claims),
    exchange: (message: Uint8Array) => responder.receive(message),
    close: async () => {},
  };
  return { transport, connect, handled };
}

/** The same messages with nothing sealed: what the host does to them, it does to the calls. */
export function plainTarget(): AttackTarget {
  const [sessionId, enc, nonce] = [new Uint8Array(16), new Uint8Array(32), new Uint8Array(32)];
  const exchange = async (message: Uint8Array) => {
    const request = parseMessage(message);
    if (request.type !== 'request') return encodeMessage({ type: 'refused', code: 'ERR_CHANNEL_PROTOCOL' });
    return encodeMessage({ type: 'response', nonce, sealed: request.sealed });
  };
  return {
    transport: { evidence: async () => bundleOf(nonce), exchange, close: async () => {} },
    connect: async (transport) => ({
      call: async (text) => {
        const sealed = utf8.encode(text);
        const message = encodeMessage({ type: 'request', sessionId, sequence: 0, enc, sealed });
        const answer = parseMessage(await transport.exchange(message));
        if (answer.type !== 'response') throw new TeeError('ERR_CHANNEL_PROTOCOL', 'no answer');
        return utf8.decode(answer.sealed);
      },
    }),
  };
}
