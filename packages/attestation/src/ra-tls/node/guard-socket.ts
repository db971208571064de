import type { TLSSocket } from 'node:tls';
import { TeeError } from '@neo-service-layer/tee-interface';

/** Bounds of the time before a connection is handed on. */
export interface GuardOptions {
  /** For everything from the first packet to the verdict, collateral fetched on the way included. */
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Runs `work` on a socket that nobody has yet. When the work fails, the socket does, the time is over or the caller
 * aborts, the socket is destroyed and the promise rejects; whatever the work comes to after that is dropped.
 *
 * @throws {TeeError} ERR_RATLS_TIMEOUT, ERR_RATLS_ABORTED, ERR_RATLS_HANDSHAKE, and what `work` throws
 */
export async function guardSocket<T>(
  socket: TLSSocket,
  { timeoutMs, signal }: GuardOptions,
  work: () => Promise<T>,
): Promise<T> {
  let fail: (error: Error) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const onError = (cause: Error) => fail(handshakeFailed(cause));
  const onClose = () => fail(handshakeFailed());
  const onAbort = () => fail(new TeeError('ERR_RATLS_ABORTED', 'The connection was given up by the caller.'));
  const timer = setTimeout(() => fail(timedOut(timeoutMs)), timeoutMs);
  socket.on('error', onError);
  socket.on('close', onClose);
  signal?.addEventListener('abort', onAbort);
  if (signal?.aborted) onAbort();
  try {
    return await Promise.race([broken, work()]);
  } catch (error) {
    // What a socket that nobody has says from here on is of no interest, but must not end the program.
    socket.on('error', () => undefined);
    socket.destroy();
    throw error;
  } finally {
    clearTimeout(timer);
    socket.off('error', onError);
    socket.off('close', onClose);
    signal?.removeEventListener('abort', onAbort);
  }
}

function handshakeFailed(cause?: Error): TeeError {
  return new TeeError('ERR_RATLS_HANDSHAKE', 'The connection broke before the other end was verified.', {
    ...(cause ? { actual: cause.message, cause } : { actual: 'the other end closed it' }),
  });
}

function timedOut(timeoutMs: number): TeeError {
  return new TeeError('ERR_RATLS_TIMEOUT', 'The other end was not verified in time.', {
    expected: `within ${timeoutMs} ms`,
  });
}
