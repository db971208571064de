import { isTeeError, TeeError } from '@neo-service-layer/tee-interface';
import type { ReplyFrame, RequestFrame } from '../frames.ts';
import { EnclaveStream, type StreamHandler, type StreamLimits } from '../stream/enclave-stream.ts';
import { brokenStream, cancelledCall } from '../stream/stream-error.ts';
import type { SessionKeys } from './session-keys.ts';
import type { Tickets } from './tickets.ts';

/** One session, the same object for everything that comes of it. */
export interface SessionHandle {
  /**
   * 32 bytes that the client of this session can compute as well (`ChannelInitiator.binding`), and nobody else. What a
   * client signs together with them holds for this session only: nobody can pass it off in another.
   */
  binding(): Promise<Uint8Array>;
}

/** What the enclave's program knows of a call beside its payload. */
export interface CallContext {
  readonly session: SessionHandle;
  /** Aborted when the client gave the call up, or its session ended. */
  readonly signal: AbortSignal;
}

/** Answers one decrypted call. */
export type CallHandler = (payload: Uint8Array, call: CallContext) => Promise<Uint8Array>;

/** What all sessions of an enclave share. */
export interface SessionService {
  handle: CallHandler;
  handleStream: StreamHandler;
  now: () => number;
  tickets: Tickets;
  ticketSeconds: number;
  streamLimits: StreamLimits;
  maxInFlight: number;
  maxStreamsPerSession: number;
  /** Streams that all sessions together may have open. */
  streams: { open: number; most: number };
}

/** Calls and streams of one session, after decryption and before encryption. */
export class EnclaveSession implements SessionHandle {
  readonly #service: SessionService;
  readonly #keys: () => Promise<Pick<SessionKeys, 'binding' | 'resumptionSecret'>>;
  #binding: Promise<Uint8Array> | null = null;
  readonly #calls = new Map<number, LazyContext>();
  readonly #streams = new Map<number, EnclaveStream>();
  #inFlight = 0;

  constructor(service: SessionService, keys: () => Promise<Pick<SessionKeys, 'binding' | 'resumptionSecret'>>) {
    this.#service = service;
    this.#keys = keys;
  }

  binding(): Promise<Uint8Array> {
    this.#binding ??= this.#keys().then((keys) => keys.binding());
    return this.#binding;
  }

  /** The reply to one request. Never rejects: a failure is a reply, sealed like any other. */
  async answer(sequence: number, frame: RequestFrame): Promise<ReplyFrame> {
    // Giving something up must be possible when nothing else is.
    if (this.#inFlight >= this.#service.maxInFlight && frame.type !== 'cancel') {
      return { type: 'failed', code: 'ERR_BUSY' };
    }
    this.#inFlight += 1;
    try {
      return await this.#answer(sequence, frame);
    } catch (error) {
      // What is not a TeeError is a fault of the program; its text may hold anything, so not even the client gets it.
      return { type: 'failed', code: isTeeError(error) ? error.code : 'ERR_INTERNAL' };
    } finally {
      this.#inFlight -= 1;
    }
  }

  /** Gives up whatever is going on. */
  end(): void {
    for (const call of this.#calls.values()) call.abort();
    for (const stream of this.#streams.values()) stream.cancel();
  }

  async #answer(sequence: number, frame: RequestFrame): Promise<ReplyFrame> {
    switch (frame.type) {
      case 'call':
        return this.#call(sequence, frame.payload);
      case 'open':
        return this.#open(sequence, frame);
      case 'data':
        return this.#stream(frame.stream).data(frame.index, frame.final, frame.bytes);
      case 'wait':
        return this.#stream(frame.stream).wait(frame.index);
      case 'pull':
        return this.#stream(frame.stream).pull(frame.index);
      case 'cancel':
        this.#calls.get(frame.call)?.abort();
        this.#streams.get(frame.call)?.cancel();
        return { type: 'done' };
      case 'ticket': {
        const { tickets, now, ticketSeconds: lifetime } = this.#service;
        const secret = await (await this.#keys()).resumptionSecret(sequence);
        return { type: 'ticket', ticket: await tickets.issue(secret, now() + lifetime), lifetime };
      }
    }
  }

  async #call(sequence: number, payload: Uint8Array): Promise<ReplyFrame> {
    const call = new LazyContext(this);
    this.#calls.set(sequence, call);
    try {
      return { type: 'answer', payload: await this.#service.handle(payload, call) };
    } finally {
      this.#calls.delete(sequence);
    }
  }

  #open(sequence: number, call: { head: Uint8Array; hasBody: boolean }): ReplyFrame {
    const { handleStream, streamLimits, maxStreamsPerSession, streams } = this.#service;
    if (this.#streams.size >= maxStreamsPerSession || streams.open >= streams.most) {
      throw new TeeError('ERR_BUSY', 'Too many streams are open.');
    }
    const stream = new EnclaveStream(handleStream, { ...call, session: this }, streamLimits);
    this.#streams.set(sequence, stream);
    streams.open += 1;
    void stream.ended.finally(() => {
      this.#streams.delete(sequence);
      streams.open -= 1;
    });
    return { type: 'opened', window: streamLimits.window };
  }

  #stream(id: number): EnclaveStream {
    const stream = this.#streams.get(id);
    if (stream === undefined) throw brokenStream('a stream that is open');
    return stream;
  }
}

/** Its signal costs nothing until someone looks at it. */
class LazyContext implements CallContext {
  readonly session: SessionHandle;
  #controller: AbortController | null = null;
  #isAborted = false;

  constructor(session: SessionHandle) {
    this.session = session;
  }

  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    if (this.#isAborted) this.#controller.abort(cancelledCall());
    return this.#controller.signal;
  }

  abort(): void {
    this.#isAborted = true;
    this.#controller?.abort(cancelledCall());
  }
}
