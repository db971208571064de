import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { BoundedBytes } from './bounded-bytes.ts';
import type { HttpCarrier } from './carrier.ts';

const agentOptions = { keepAlive: true, maxSockets: 256, scheduling: 'lifo' } as const;
const agents = { http: new HttpAgent(agentOptions), https: new HttpsAgent(agentOptions) };

/** The carrier of Node: `node:http` takes a third of the time that its fetch does, and connections are used again. */
export const platformCarrier: HttpCarrier = ({ url, method, body, timeoutMs, maxBytes }) =>
  new Promise((resolve, reject) => {
    const isSecure = url.startsWith('https:');
    const headers = body === undefined ? {} : { 'content-type': 'application/cbor', 'content-length': body.length };
    const request = isSecure
      ? httpsRequest(url, { method, headers, agent: agents.https })
      : httpRequest(url, { method, headers, agent: agents.http });
    const timer = setTimeout(
      () => request.destroy(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError')),
      timeoutMs,
    );
    const fail = (error: unknown) => {
      clearTimeout(timer);
      request.destroy();
      reject(error);
    };
    request.on('error', fail);
    request.on('response', (response) => {
      const bytes = new BoundedBytes(maxBytes);
      response.on('data', (piece: Uint8Array) => {
        try {
          bytes.add(piece);
        } catch (error) {
          fail(error);
        }
      });
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, body: bytes.whole() });
      });
      response.on('error', fail);
      response.on('close', () => {
        if (!response.complete) fail(new Error('the answer was cut off'));
      });
    });
    request.end(body);
  });
