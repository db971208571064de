import { isTeeError, isTeeErrorCode, TeeError } from '@neo-service-layer/tee-interface';
import { encodeLinkFrame, type LinkFrame, LinkFrameReader } from './frame.ts';

/** A reliable byte stream in both directions, e.g. a TCP connection. */
export interface ByteStream {
  write(bytes: Uint8Array): void;
  onData(listener: (bytes: Uint8Array) => void): void;
  /** Called once when nothing more will arrive, for whatever reason. */
  onClose(listener: () => void): void;
  close(): void;
}

/** Answers a call of the other end, or rejects: the rejection's code and message cross the link. */
export type LinkHandler = (name: string, body: Uint8Array) => Promise<Uint8Array>;

/**
 * The one connection between host and enclave. It carries opaque bytes and gives no security: whatever crosses it is
 * sealed or public. Either end may call the other; calls overlap.
 */
export class HostLink {
  readonly #stream: ByteStream;
  readonly #reader = new LinkFrameReader();
  readonly #waiting = new Map<number, { resolve: (body: Uint8Array) => void; reject: (error: TeeError) => void }>();
  readonly #closeListeners: ((reason: TeeError) => void)[] = [];
  #handle: LinkHandler;
  #notice: (name: string, body: Uint8Array) => void = () => {};
  #nextId = 0;
  #closed: TeeError | null = null;

  constructor(stream: ByteStream, handle: LinkHandler = refuseCalls) {
    this.#stream = stream;
    this.#handle = handle;
    stream.onData((bytes) => this.#receive(bytes));
    stream.onClose(() => this.#close(new TeeError('ERR_LINK_CLOSED', 'The host link was closed by the other end.')));
  }

  /** Says who answers the other end's calls. */
  onCall(handle: LinkHandler): void {
    this.#handle = handle;
  }

  /** Says who gets the other end's notices. */
  onNotice(listener: (name: string, body: Uint8Array) => void): void {
    this.#notice = listener;
  }

  /** Called once when the link is gone; at once if it is gone already. */
  onClose(listener: (reason: TeeError) => void): void {
    if (this.#closed) listener(this.#closed);
    else this.#closeListeners.push(listener);
  }

  /** Calls the other end. @throws {TeeError} ERR_LINK_CLOSED as soon as the link is gone, or the other end's code */
  call(name: string, body: Uint8Array): Promise<Uint8Array> {
    if (this.#closed) return Promise.reject(this.#closed);
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      try {
        this.#send({ type: 'call', id, name, body });
      } catch (error) {
        this.#waiting.delete(id);
        reject(error);
      }
    });
  }

  /** Tells the other end something that needs no answer. */
  notify(name: string, body: Uint8Array): void {
    if (!this.#closed) this.#send({ type: 'notice', name, body });
  }

  /** Closes the link; calls in flight fail with ERR_LINK_CLOSED. */
  close(): void {
    this.#close(new TeeError('ERR_LINK_CLOSED', 'The host link was closed.'));
  }

  #send(frame: LinkFrame): void {
    this.#stream.write(encodeLinkFrame(frame));
  }

  #receive(bytes: Uint8Array): void {
    if (this.#closed) return;
    try {
      for (const frame of this.#reader.push(bytes)) this.#dispatch(frame);
    } catch (cause) {
      // After a malformed frame nobody knows where the next one begins.
      this.#close(isTeeError(cause) ? cause : new TeeError('ERR_LINK_PROTOCOL', 'The link failed.', { cause }));
    }
  }

  #dispatch(frame: LinkFrame): void {
    switch (frame.type) {
      case 'call':
        void this.#answer(frame.id, frame.name, frame.body);
        return;
      case 'notice':
        this.#notice(frame.name, frame.body);
        return;
      case 'answer':
      case 'failure': {
        const waiting = this.#waiting.get(frame.id);
        this.#waiting.delete(frame.id);
        if (frame.type === 'answer') waiting?.resolve(frame.body);
        else waiting?.reject(new TeeError(isTeeErrorCode(frame.code) ? frame.code : 'ERR_INTERNAL', frame.message));
        return;
      }
    }
  }

  async #answer(id: number, name: string, body: Uint8Array): Promise<void> {
    let frame: LinkFrame;
    try {
      frame = { type: 'answer', id, body: await this.#handle(name, body) };
    } catch (error) {
      // What is not a TeeError is a fault of this side; its text may hold anything, so it stays here.
      frame = isTeeError(error)
        ? { type: 'failure', id, code: error.code, message: error.message }
        : { type: 'failure', id, code: 'ERR_INTERNAL', message: 'The call failed.' };
    }
    if (!this.#closed) this.#send(frame);
  }

  #close(reason: TeeError): void {
    if (this.#closed) return;
    this.#closed = reason;
    this.#stream.close();
    for (const { reject } of this.#waiting.values()) reject(reason);
    this.#waiting.clear();
    for (const listener of this.#closeListeners) listener(reason);
  }
}

async function refuseCalls(name: string): Promise<Uint8Array> {
  throw new TeeError('ERR_UNKNOWN_METHOD', `Nobody answers ${name.slice(0, 40)} here.`);
}
