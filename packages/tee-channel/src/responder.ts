import { isTeeError, TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { channelCrypto } from '#crypto';
import { equalBytes } from './bytes.ts';
import { frameFields, parseRequestFrame } from './frames.ts';
import {
  encodeMessage,
  type Hello,
  parseMessage,
  type Request,
  responseHead,
  welcomeSigningInput,
} from './messages.ts';
import { type ChannelParts, strictParts } from './parts.ts';
import { refusalCodes } from './refusal-codes.ts';
import type { SequenceFilter } from './replay-window.ts';
import { type ResponderOptions, responderDefaults } from './responder-options.ts';
import { EnclaveSession, type SessionService } from './session/enclave-session.ts';
import { receiveSessionKeys, type SessionNames } from './session/handshake.ts';
import type { OfferedKey } from './session/one-time-key.ts';
import type { SessionKeys } from './session/session-keys.ts';
import { SessionTable } from './session/session-table.ts';
import { Tickets } from './session/tickets.ts';
import { protocolVersion } from './suites.ts';

interface Offer {
  names: SessionNames;
  kemKey: OfferedKey;
  expires: number;
}

interface OpenSession {
  enc: Uint8Array;
  keys: Promise<SessionKeys>;
  window: SequenceFilter;
  session: EnclaveSession;
  /** False until a request authenticated: what the host made up must not keep its place. */
  isProven: boolean;
  expires: number;
}

/**
 * The enclave's end of tee-channel/1. Every byte that arrives is the host's until it authenticates.
 *
 * Guarantees: a call is handled only if the client that opened the session sealed it, and at most once; whatever
 * arrives, memory stays within the options' bounds. Does not say who the client is: that is for the calls' own content.
 */
export class ChannelResponder {
  readonly #options: Required<Omit<ResponderOptions, 'handle' | 'handleStream'>>;
  readonly #service: SessionService;
  readonly #parts: ChannelParts;
  readonly #offers: SessionTable<Offer>;
  readonly #sessions: SessionTable<OpenSession>;

  constructor(options: ResponderOptions, unsafeParts: ChannelParts = strictParts) {
    const all = { ...responderDefaults, ...options };
    this.#options = all;
    this.#parts = unsafeParts;
    this.#service = {
      handle: all.handle,
      handleStream: all.handleStream,
      now: all.now,
      tickets: new Tickets(),
      ticketSeconds: all.ticketSeconds,
      streamLimits: { window: all.streamWindow, holdMs: all.holdSeconds * 1000 },
      maxInFlight: all.maxInFlight,
      maxStreamsPerSession: all.maxStreamsPerSession,
      streams: { open: 0, most: all.maxStreams },
    };
    this.#offers = new SessionTable(all.maxOffers);
    this.#sessions = new SessionTable(all.maxSessions, ({ session }) => session.end());
  }

  /** Sessions offered and in use. */
  get sessionCount(): number {
    return this.#offers.size + this.#sessions.size;
  }

  /** Streams that are open in all sessions. */
  get streamCount(): number {
    return this.#service.streams.open;
  }

  /**
   * Answers one message; never rejects: what cannot be answered is refused with a code and nothing else. The bytes must
   * stay as they are until then.
   */
  async receive(bytes: Uint8Array): Promise<Uint8Array> {
    try {
      const message = parseMessage(bytes);
      if (message.type === 'hello') return await this.#welcome(message, bytes);
      if (message.type === 'request') return await this.#answer(message);
      return refusal('ERR_CHANNEL_PROTOCOL');
    } catch (error) {
      // Only the code: a reason would tell the host, who may have made the message, which check it failed.
      return refusal(isTeeError(error) && refusalCodes.has(error.code) ? error.code : 'ERR_CHANNEL_PROTOCOL');
    }
  }

  async #welcome(hello: Hello, helloBytes: Uint8Array): Promise<Uint8Array> {
    const { now, audience, identity, sessionSeconds, offerSeconds } = this.#options;
    // In the order of the client: its claims about us are verified, ours about it are not.
    const id = hello.suites.find((wanted) => this.#options.suites.some((spoken) => spoken.id === wanted));
    const suite = this.#options.suites.find((spoken) => spoken.id === id);
    if (hello.version !== protocolVersion || suite === undefined) {
      throw new TeeError('ERR_CHANNEL_VERSION', 'No common version or suite.');
    }
    if (hello.audience !== '' && hello.audience !== audience) {
      throw new TeeError('ERR_CHANNEL_AUDIENCE', 'The client means another service.');
    }
    const time = now();
    this.#offers.sweep(time);
    this.#sessions.sweep(time);
    if (this.#sessions.isFull) throw new TeeError('ERR_BUSY', 'All sessions are in use.');
    const psk = await this.#service.tickets.redeem(hello.ticket, time);
    const kemKeys = await this.#parts.kemKeys(suite);
    const sessionId = channelCrypto.randomBytes(16);
    const offer = {
      suite: suite.id,
      kemKey: await suite.hpke.SerializePublicKey(kemKeys.publicKey),
      sessionId,
      lifetime: sessionSeconds,
      resumed: psk !== null,
    };
    const signature = await identity.sign(welcomeSigningInput(await channelCrypto.sha256(helloBytes), offer));
    const welcome = encodeMessage({ type: 'welcome', ...offer, signature });
    const info = await this.#parts.sessionInfo(helloBytes, welcome);
    const names = { suite, sessionId, info, layout: this.#parts.layout, psk };
    // A hello costs its sender nothing, so a flood of them may push out offers, never sessions in use.
    this.#offers.addInPlaceOfOldest(sessionId, {
      names,
      kemKey: this.#parts.offeredKey(kemKeys),
      expires: time + offerSeconds,
    });
    return welcome;
  }

  async #answer(request: Request): Promise<Uint8Array> {
    const { sequence } = request;
    const open = this.#sessions.get(request.sessionId, this.#options.now()) ?? this.#begin(request);
    if (!equalBytes(open.enc, request.enc)) throw new TeeError('ERR_CHANNEL_AUTH', 'Another encapsulated key.');
    const keys = await open.keys;
    const opened = await keys.openRequest(sequence, request.sealed);
    // Checked after authentication: otherwise the host could use up numbers that the client has yet to use.
    if (opened !== null) open.isProven = true;
    else if (!open.isProven && !this.#parts.keepsUnproven) this.#sessions.delete(request.sessionId);
    if (opened === null || !open.window.accept(sequence)) {
      throw new TeeError('ERR_CHANNEL_AUTH', 'A request does not authenticate or was seen before.');
    }
    const reply = await open.session.answer(sequence, parseRequestFrame(opened));
    const nonce = channelCrypto.randomNonce(32);
    return keys.sealResponse(sequence, nonce, frameFields(reply), (length) => responseHead(nonce, length));
  }

  /** The first request's encapsulated key makes the session's keys and burns the offer. */
  #begin({ sessionId, enc }: Request): OpenSession {
    const { now, sessionSeconds } = this.#options;
    const offer = this.#offers.get(sessionId, now());
    if (offer && enc.length !== offer.names.suite.encLength) {
      throw new TeeError('ERR_CHANNEL_PROTOCOL', 'The encapsulated key is of another suite.');
    }
    const kemKeys = offer?.kemKey.take();
    this.#offers.delete(sessionId);
    if (!offer || !kemKeys) throw new TeeError('ERR_CHANNEL_SESSION', 'Unknown or expired session.');
    const keys = receiveSessionKeys(offer.names, kemKeys, enc);
    const open = {
      enc: enc.slice(),
      keys,
      window: this.#parts.replayWindow(),
      session: new EnclaveSession(this.#service, () => keys),
      isProven: false,
      expires: now() + sessionSeconds,
    };
    this.#sessions.add(sessionId, open);
    keys.catch(() => this.#sessions.delete(sessionId));
    return open;
  }
}

function refusal(code: TeeErrorCode): Uint8Array {
  return encodeMessage({ type: 'refused', code });
}
