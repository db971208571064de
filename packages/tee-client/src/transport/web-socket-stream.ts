import type { ByteStream } from '@neo-service-layer/tee-channel/host-link';

/** As much of a WebSocket as is used here: the browser's, Node's, or that of the package `ws`. */
export interface WebSocketLike {
  binaryType: string;
  readonly bufferedAmount: number;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
  addEventListener(type: 'open' | 'close' | 'error', listener: () => void): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

/** A frame that is longer goes alone: the other end bounds what it takes as one message. */
const mostTogether = 1024 * 1024;

/**
 * An open socket as a stream of bytes. Text is no part of what is spoken over it: whoever sends some is cut off, and so is
 * a peer that lets more than `maxBuffered` bytes pile up.
 */
export function webSocketStream(socket: WebSocketLike, maxBuffered: number = 80 * 1024 * 1024): ByteStream {
  socket.binaryType = 'arraybuffer';
  let waiting: Uint8Array[] = [];
  let length = 0;
  const send = () => {
    if (waiting.length === 0) return;
    const bytes = concat(waiting, length);
    waiting = [];
    length = 0;
    socket.send(bytes);
    if (socket.bufferedAmount > maxBuffered) socket.close();
  };
  return {
    write(bytes) {
      // What becomes ready together leaves as one message; where it is cut says nothing.
      if (length + bytes.length > mostTogether) send();
      if (waiting.length === 0) queueMicrotask(send);
      waiting.push(bytes);
      length += bytes.length;
    },
    onData: (listener) =>
      socket.addEventListener('message', ({ data }) => {
        if (data instanceof ArrayBuffer) listener(new Uint8Array(data));
        else socket.close();
      }),
    onClose(listener) {
      socket.addEventListener('close', listener);
      // An error is followed by close, which is all that matters; unheard, it would end the process with `ws`.
      socket.addEventListener('error', () => {});
    },
    close: () => socket.close(),
  };
}

function concat(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
