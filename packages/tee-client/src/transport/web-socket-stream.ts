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

/**
 * An open socket as a stream of bytes. Text is no part of what is spoken over it: whoever sends some is cut off, and so is
 * a peer that lets more than `maxBuffered` bytes pile up.
 */
export function webSocketStream(socket: WebSocketLike, maxBuffered: number = 80 * 1024 * 1024): ByteStream {
  socket.binaryType = 'arraybuffer';
  return {
    write(bytes) {
      socket.send(new Uint8Array(bytes));
      if (socket.bufferedAmount > maxBuffered) socket.close();
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
