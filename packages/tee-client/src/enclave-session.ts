import { ChannelInitiator, type Suite } from '@neo-service-layer/tee-channel';
import type { Collateral } from '@neo-service-layer/tee-interface';
import type { Transport } from './transport/transport.ts';
import { type Judgement, type VerifiedEnclave, verifyEnclave } from './verify-enclave.ts';

/** By what an {@link EnclaveSession} is opened and kept. */
export interface SessionTerms {
  transport: Transport;
  judge: () => Judgement;
  /** Name of the service that is meant; empty for any. */
  audience: string;
  suite?: Suite | undefined;
  /** Seconds after which the enclave must prove itself again. */
  reattestSeconds: number;
  /** Done with every channel that is opened, before anything else goes out on it; its failure is one of opening. */
  onOpen?: ((channel: ChannelInitiator) => Promise<unknown>) | undefined;
}

interface Verified {
  enclave: VerifiedEnclave;
  collateral: Collateral;
  /** Unix seconds. */
  at: number;
}

// The last tenth of a session is time enough to open the next one.
const renewAfter = 0.9;

/**
 * A channel to an enclave that proved itself, and goes on proving itself.
 *
 * Guarantees: {@link ready} gives a channel only while the last verification is younger than the terms say and its
 * claims are in force; the channel belongs to the identity key of that verification. Renewing the evidence and the
 * session disturbs no call in flight.
 */
export class EnclaveSession {
  readonly #terms: SessionTerms;
  #verified: Verified;
  #channel: ChannelInitiator;
  #openedAt: number;
  #renewal: Promise<ChannelInitiator> | null = null;

  private constructor(terms: SessionTerms, verified: Verified, channel: ChannelInitiator) {
    this.#terms = terms;
    this.#verified = verified;
    this.#channel = channel;
    this.#openedAt = terms.judge().now;
  }

  /** Verifies the enclave and opens a channel. @throws {TeeError} ERR_EVIDENCE_*, ERR_CHANNEL_*, ERR_TRANSPORT */
  static async open(terms: SessionTerms): Promise<EnclaveSession> {
    const verified = await verify(terms);
    return new EnclaveSession(terms, verified, await openChannel(terms, verified));
  }

  /** What was proved last. */
  get enclave(): VerifiedEnclave {
    return this.#verified.enclave;
  }

  /** What it was judged by. */
  get collateral(): Collateral {
    return this.#verified.collateral;
  }

  /** The channel, after whatever renewal is due. @throws {TeeError} as {@link open}; then nothing may be sent any more */
  ready(): Promise<ChannelInitiator> {
    if (this.#renewal !== null) return this.#renewal;
    if (!this.#isProofDue() && !this.#isSessionDue()) return Promise.resolve(this.#channel);
    // Calls that come meanwhile wait for the one renewal; calls in flight have their channel and go on.
    const renewal = this.#renew().finally(() => {
      this.#renewal = null;
    });
    this.#renewal = renewal;
    return renewal;
  }

  async #renew(): Promise<ChannelInitiator> {
    if (this.#isProofDue()) {
      const before = this.#verified.enclave.claims;
      const verified = await verify(this.#terms);
      if (!sameBytes(before.identityKey, verified.enclave.claims.identityKey)) {
        // It restarted, or another one answers here now: it proved itself, but the channel is not its.
        this.#adopt(verified, await openChannel(this.#terms, verified));
        return this.#channel;
      }
      this.#verified = verified;
    }
    if (this.#isSessionDue()) {
      // Without a ticket (the session is over already) the new one is opened as the first was.
      const resume = await this.#channel.ticket().catch(() => undefined);
      this.#adopt(this.#verified, await openChannel(this.#terms, this.#verified, resume));
    }
    return this.#channel;
  }

  #adopt(verified: Verified, channel: ChannelInitiator): void {
    this.#verified = verified;
    this.#channel = channel;
    this.#openedAt = this.#terms.judge().now;
  }

  #isProofDue(): boolean {
    const { now } = this.#terms.judge();
    const { at, enclave } = this.#verified;
    return now - at >= this.#terms.reattestSeconds || enclave.claims.notAfter < now || now < at;
  }

  #isSessionDue(): boolean {
    return this.#terms.judge().now - this.#openedAt >= this.#channel.lifetime * renewAfter;
  }
}

async function verify({ transport, judge }: SessionTerms): Promise<Verified> {
  const bundle = await transport.evidence();
  const judgement = judge();
  return { enclave: await verifyEnclave(bundle, judgement), collateral: bundle.collateral, at: judgement.now };
}

async function openChannel(
  { transport, audience, suite, onOpen }: SessionTerms,
  { enclave: { claims, evidenceDigest } }: Verified,
  resume?: Awaited<ReturnType<ChannelInitiator['ticket']>>,
): Promise<ChannelInitiator> {
  const channel = await ChannelInitiator.open({
    claims,
    evidenceDigest,
    audience,
    suite,
    exchange: (message) => transport.exchange(message),
    ...(resume === undefined ? {} : { resume }),
  });
  await onOpen?.(channel);
  return channel;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
