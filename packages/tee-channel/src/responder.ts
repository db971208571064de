import { isTeeError, TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { equalBytes, randomBytes, sha256 } from './bytes.ts';
import type { EnclaveIdentity } from './identity.ts';
import { encodeMessage, type Hello, parseMessage, type Request, welcomeSigningInput } from './messages.ts';
import { ReplayWindow } from './replay-window.ts';
import { SessionKeys, sessionExport, sessionInfo } from './session-keys.ts';
import { hpke, type KemKeyPair, protocolVersion, suites } from './suites.ts';

/** How a {@link ChannelResponder} works. */
export interface ResponderOptions {
  identity: EnclaveIdentity;
  /** Answers one decrypted call. Its rejection is answered as a refusal without detail, so it should not reject. */
  handle: (payload: Uint8Array) => Promise<Uint8Array>;
  /** Unix seconds; only ever used to forget sessions. */
  now: () => number;
  /** Sessions that are open or offered at once; the oldest offer gives way first. Default 1024. */
  maxSessions?: number;
  /** Seconds an offer waits for its first request. Default 30. */
  offerSeconds?: number;
  /** Seconds a session lives. Default 3600. */
  sessionSeconds?: number;
}

interface Session {
  info: Uint8Array;
  /** Present until the first request: erased with it, which gives forward secrecy. */
  kemKeys: KemKeyPair | null;
  enc: Uint8Array | null;
  keys: Promise<SessionKeys> | null;
  window: ReplayWindow;
  /** Unix seconds. */
  expires: number;
}

/**
 * The enclave's end of tee-channel/1. Every byte that arrives is the host's until it authenticates.
 *
 * Guarantees: a call is handled only if the client that opened the session sealed it, and at most once. Does not say
 * who the client is: that is for the calls' own content.
 */
export class ChannelResponder {
  readonly #options: ResponderOptions &
    Required<Pick<ResponderOptions, 'maxSessions' | 'offerSeconds' | 'sessionSeconds'>>;
  readonly #sessions = new Map<string, Session>();

  constructor(options: ResponderOptions) {
    this.#options = { maxSessions: 1024, offerSeconds: 30, sessionSeconds: 3600, ...options };
  }

  /** Sessions offered or open. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Answers one message; never rejects: what cannot be answered is refused with a code and nothing else. */
  async receive(bytes: Uint8Array): Promise<Uint8Array> {
    try {
      const message = parseMessage(bytes);
      if (message.type === 'hello') return await this.#welcome(message, bytes);
      if (message.type === 'request') return await this.#answer(message);
      return refusal('ERR_CHANNEL_PROTOCOL');
    } catch (error) {
      // Only the code: a reason would tell the host, who may have made the message, which check it failed.
      return refusal(isTeeError(error) && wireCodes.has(error.code) ? error.code : 'ERR_CHANNEL_PROTOCOL');
    }
  }

  async #welcome(hello: Hello, helloBytes: Uint8Array): Promise<Uint8Array> {
    if (hello.version !== protocolVersion || !hello.suites.includes(suites.x25519Aes256Gcm)) {
      throw new TeeError('ERR_CHANNEL_VERSION', 'No common version or suite.');
    }
    this.#makeRoom();
    const kemKeys = await hpke.GenerateKeyPair();
    const offer = {
      suite: suites.x25519Aes256Gcm,
      kemKey: await hpke.SerializePublicKey(kemKeys.publicKey),
      sessionId: randomBytes(16),
      expires: Math.floor(this.#options.now()) + this.#options.sessionSeconds,
    };
    const signature = await this.#options.identity.sign(welcomeSigningInput(await sha256(helloBytes), offer));
    const welcome = encodeMessage({ type: 'welcome', ...offer, signature });
    this.#sessions.set(idOf(offer.sessionId), {
      info: await sessionInfo(helloBytes, welcome),
      kemKeys,
      enc: null,
      keys: null,
      window: new ReplayWindow(),
      expires: this.#options.now() + this.#options.offerSeconds,
    });
    return welcome;
  }

  async #answer(request: Request): Promise<Uint8Array> {
    const session = this.#sessions.get(idOf(request.sessionId));
    if (!session || session.expires <= this.#options.now()) {
      this.#sessions.delete(idOf(request.sessionId));
      throw new TeeError('ERR_CHANNEL_SESSION', 'Unknown or expired session.');
    }
    const keys = await this.#keys(session, request);
    const payload = await keys.openRequest(request.sequence, request.sealed);
    // Checked after authentication: otherwise the host could use up numbers that the client has yet to use.
    if (payload === null || !session.window.accept(request.sequence)) {
      throw new TeeError('ERR_CHANNEL_AUTH', 'A request does not authenticate or was seen before.');
    }
    const nonce = randomBytes(32);
    const answer = await this.#options.handle(payload);
    return encodeMessage({ type: 'response', nonce, sealed: await keys.sealResponse(request.sequence, nonce, answer) });
  }

  /** The first request's encapsulated key makes the session's keys and burns the offer. */
  async #keys(session: Session, request: Request): Promise<SessionKeys> {
    if (session.enc !== null && session.keys !== null) {
      if (!equalBytes(session.enc, request.enc)) throw new TeeError('ERR_CHANNEL_AUTH', 'Another encapsulated key.');
      return session.keys;
    }
    const keys = this.#decapsulate(session, request);
    session.enc = request.enc;
    session.keys = keys;
    session.expires = this.#options.now() + this.#options.sessionSeconds;
    // A key that the host made up must not keep its session; the client of the offer will be told to start again.
    keys.catch(() => this.#sessions.delete(idOf(request.sessionId)));
    return keys;
  }

  async #decapsulate(session: Session, request: Request): Promise<SessionKeys> {
    const { kemKeys, info } = session;
    session.kemKeys = null;
    if (kemKeys === null) throw new TeeError('ERR_CHANNEL_SESSION', 'The offer was used.');
    const { context, length } = sessionExport;
    const exported = await hpke.ReceiveExport(kemKeys, request.enc, context, length, { info });
    return SessionKeys.from(request.sessionId, request.enc, exported);
  }

  #makeRoom(): void {
    const { now, maxSessions } = this.#options;
    for (const [id, session] of this.#sessions) if (session.expires <= now()) this.#sessions.delete(id);
    if (this.#sessions.size < maxSessions) return;
    // Offers cost the host nothing, so a flood of them may push out offers, never sessions in use.
    for (const [id, session] of this.#sessions) {
      if (session.keys !== null) continue;
      this.#sessions.delete(id);
      return;
    }
    throw new TeeError('ERR_BUSY', 'All sessions are in use.');
  }
}

const wireCodes: ReadonlySet<TeeErrorCode> = new Set([
  'ERR_CHANNEL_PROTOCOL',
  'ERR_CHANNEL_VERSION',
  'ERR_CHANNEL_AUTH',
  'ERR_CHANNEL_SESSION',
  'ERR_BUSY',
]);

function refusal(code: TeeErrorCode): Uint8Array {
  return encodeMessage({ type: 'refused', code });
}

function idOf(sessionId: Uint8Array): string {
  return sessionId.join();
}
