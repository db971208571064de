import { createServer, type Socket } from 'node:net';
import { encodeFrame, FrameReader } from '@neo-service-layer/attestation/device';
import type { IoctlTarget } from '../faults/device-faults.ts';

/**
 * Serves an enclave's device on a unix socket. A connection that breaks the framing is dropped; others go on.
 * @returns closes the socket and all connections
 */
export async function serveDevice(enclave: IoctlTarget, path: string): Promise<() => void> {
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    const reader = new FrameReader();
    socket.on('error', () => socket.destroy());
    socket.on('close', () => connections.delete(socket));
    socket.on('data', (chunk) => {
      try {
        for (const { head, payload } of reader.push(chunk)) {
          const answer = enclave.ioctl(head, payload);
          socket.write(encodeFrame({ head: answer.errno, payload: answer.payload }));
        }
      } catch {
        socket.destroy();
      }
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return () => {
    server.close();
    for (const socket of connections) socket.destroy();
  };
}
