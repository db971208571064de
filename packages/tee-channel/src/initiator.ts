import { TeeError } from '@neo-service-layer/tee-interface';
import { channelCrypto } from '#crypto';
import { checkWelcome, expectType } from './expectations.ts';
import { frameFields, parseReplyFrame, type ReplyFrame, type RequestFrame } from './frames.ts';
import type { CallOptions, InitiatorOptions, ResumptionTicket, StreamOptions } from './initiator-options.ts';
import { encodeMessage, parseMessage, requestHead, type Welcome } from './messages.ts';
import { type ChannelParts, strictParts } from './parts.ts';
import { sendSessionKeys } from './session/handshake.ts';
import type { SessionKeys } from './session/session-keys.ts';
import { AnswerReceiver } from './stream/answer-receiver.ts';
import { sendBody, unexpected } from './stream/body-sender.ts';
import { cancelledCall, failedCall } from './stream/stream-error.ts';
import { classicSuite, protocolVersion } from './suites.ts';

/**
 * The client's end of tee-channel/1.
 *
 * Guarantees: the other end holds the private half of `claims.identityKey` and is alive; only it can read what is
 * sent; an answer is its answer to that very call. Does not verify evidence: give it claims you verified.
 */
export class ChannelInitiator {
  readonly #exchange: InitiatorOptions['exchange'];
  readonly #keys: SessionKeys;
  readonly #enc: Uint8Array;
  readonly #sessionId: Uint8Array;
  /** Seconds that the session lives from its first request. */
  readonly lifetime: number;
  /** True when the enclave accepted the ticket. */
  readonly isResumed: boolean;
  #sequence = 0;

  private constructor(
    exchange: InitiatorOptions['exchange'],
    welcome: Welcome,
    { enc, keys }: { enc: Uint8Array; keys: SessionKeys },
  ) {
    this.#exchange = exchange;
    this.#keys = keys;
    this.#enc = enc;
    this.#sessionId = welcome.sessionId;
    this.lifetime = welcome.lifetime;
    this.isResumed = welcome.resumed;
  }

  /** Opens a session. @throws {TeeError} ERR_CHANNEL_VERSION, ERR_CHANNEL_AUTH, ERR_CHANNEL_PROTOCOL, or the refusal's code */
  static async open(options: InitiatorOptions, unsafeParts: ChannelParts = strictParts): Promise<ChannelInitiator> {
    const { claims, evidenceDigest, exchange, audience = '', resume, suite = classicSuite } = options;
    if (claims.minVersion > protocolVersion || !claims.suites.includes(suite.id)) {
      throw new TeeError('ERR_CHANNEL_VERSION', 'The enclave speaks no version and suite that this client speaks.', {
        expected: `version ${protocolVersion}, suite ${suite.id}`,
        actual: `at least version ${claims.minVersion}, suites ${claims.suites.join(', ')}`,
        hint: 'Update the older of the two, or choose another suite.',
      });
    }
    const hello = encodeMessage({
      type: 'hello',
      version: protocolVersion,
      suites: [suite.id],
      nonce: channelCrypto.randomBytes(32),
      audience,
      evidenceDigest,
      ticket: resume?.ticket ?? new Uint8Array(),
    });
    const answer = await exchange(hello);
    const welcome = expectType(parseMessage(answer), 'welcome');
    await checkWelcome(welcome, { hello, claims, suite }, unsafeParts);
    if (welcome.resumed && resume === undefined) {
      throw new TeeError('ERR_CHANNEL_PROTOCOL', 'The enclave resumed a session that was not asked for.');
    }
    // A copy: what a carrier hands over may be a view of a buffer that it uses again.
    const sessionId = welcome.sessionId.slice();
    const names = {
      suite,
      sessionId,
      info: await unsafeParts.sessionInfo(hello, answer),
      layout: unsafeParts.layout,
      psk: welcome.resumed && resume !== undefined ? resume : null,
    };
    const keys = await sendSessionKeys(names, welcome.kemKey);
    return new ChannelInitiator(exchange, { ...welcome, sessionId }, keys);
  }

  /** 32 bytes that only this client and the enclave can compute, and that no other session has: see `SessionHandle`. */
  binding(): Promise<Uint8Array> {
    return this.#keys.binding();
  }

  /**
   * Sends one payload and returns the enclave's answer. Calls may overlap.
   *
   * A refusal or a lost answer does not say whether the call was executed (the host may have kept the answer back):
   * repeat only what may happen twice.
   *
   * @throws {TeeError} ERR_CHANNEL_AUTH, ERR_CHANNEL_PROTOCOL, ERR_CHANNEL_SESSION, ERR_BUSY, ERR_CHANNEL_CANCELLED by
   * the signal, the carrier's errors, or the code that the enclave's handler failed with
   */
  async call(payload: Uint8Array, { signal }: CallOptions = {}): Promise<Uint8Array> {
    if (signal?.aborted) throw cancelledCall();
    const { sequence, reply } = this.#send({ type: 'call', payload });
    const frame = await (signal === undefined ? reply : this.#untilAborted(sequence, reply, signal));
    if (frame.type === 'failed') throw failedCall(frame.code);
    if (frame.type !== 'answer') throw unexpected(frame);
    return frame.payload;
  }

  /**
   * Begins a streaming call; resolves when the enclave knows of it, with the stream of its answer. A slow reader slows
   * the enclave down, a slow enclave the body; neither fills anyone's memory. The answer's stream fails with what the
   * call, the body or the carrier failed with; cancelling it gives the call up.
   *
   * @throws {TeeError} as {@link call}; ERR_BUSY when the enclave has as many streams open as it allows
   */
  async stream(head: Uint8Array, options: StreamOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const { body, signal, window = 4 } = options;
    if (signal?.aborted) throw cancelledCall();
    const { sequence: id, reply } = this.#send({ type: 'open', head, hasBody: body !== undefined });
    const opened = await (signal === undefined ? reply : this.#untilAborted(id, reply, signal));
    if (opened.type === 'failed') throw failedCall(opened.code);
    if (opened.type !== 'opened' || opened.window === 0) throw unexpected(opened);
    const stream = { id, ask: (frame: RequestFrame) => this.#send(frame).reply };
    const onAbort = () => receiver.fail(cancelledCall());
    const receiver = new AnswerReceiver(stream, Math.max(1, Math.min(window, opened.window)), () =>
      signal?.removeEventListener('abort', onAbort),
    );
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    const pace = { credit: opened.window, ahead: Math.max(1, window) };
    if (body !== undefined) sendBody(stream, body, pace).catch((error) => receiver.fail(error));
    return receiver.answer;
  }

  /** Asks for a ticket that another session with this enclave can be opened with, until it restarts. */
  async ticket(): Promise<ResumptionTicket> {
    const { sequence, reply } = this.#send({ type: 'ticket' });
    const frame = await reply;
    if (frame.type === 'failed') throw failedCall(frame.code);
    if (frame.type !== 'ticket') throw unexpected(frame);
    const { ticket, lifetime } = frame;
    return { ticket, lifetime, secret: await this.#keys.resumptionSecret(sequence) };
  }

  /** The sequence number is taken at once, in the order of calls. */
  #send(frame: RequestFrame): { sequence: number; reply: Promise<ReplyFrame> } {
    const sequence = this.#sequence;
    this.#sequence += 1;
    return { sequence, reply: this.#exchangeSealed(sequence, frame) };
  }

  async #exchangeSealed(sequence: number, frame: RequestFrame): Promise<ReplyFrame> {
    const names = { sessionId: this.#sessionId, sequence, enc: this.#enc };
    const head = (length: number) => requestHead(names, length);
    const request = await this.#keys.sealRequest(sequence, frameFields(frame), head);
    const response = expectType(parseMessage(await this.#exchange(request)), 'response');
    const opened = await this.#keys.openResponse(sequence, response.nonce, response.sealed);
    if (opened !== null) return parseReplyFrame(opened);
    throw new TeeError('ERR_CHANNEL_AUTH', "The answer is not the enclave's answer to this call.", {
      expected: 'a response sealed by the attested enclave for this session and sequence number',
      actual: 'bytes that do not authenticate',
      hint: 'The host or the network changed, swapped or replayed a message. The call may have been executed.',
    });
  }

  #untilAborted(sequence: number, reply: Promise<ReplyFrame>, signal: AbortSignal): Promise<ReplyFrame> {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        // Best effort: it may have ended by now, or the host may keep the message back.
        this.#send({ type: 'cancel', call: sequence }).reply.catch(() => {});
        reject(cancelledCall());
      };
      signal.addEventListener('abort', onAbort, { once: true });
      reply.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }
}
