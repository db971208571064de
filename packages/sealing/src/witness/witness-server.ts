import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isTeeError } from '@neo-service-layer/tee-interface';
import type { Witness } from './witness.ts';
import { maxWitnessBytes } from './witness-messages.ts';

/** An HTTP server (not listening yet) that passes each POST body to a {@link Witness} and its answer back. */
export function witnessServer(witness: Witness): Server {
  return createServer(async (request, response) => {
    const body = request.method === 'POST' ? await readBody(request) : null;
    if (body === null) return response.writeHead(400).end();
    try {
      const answer = await witness.answer(body);
      return response.writeHead(200, { 'content-type': 'application/cbor' }).end(answer);
    } catch (error) {
      return response.writeHead(isTeeError(error) ? 400 : 500).end();
    }
  });
}

/** The whole body, or null when it is too long or breaks off. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | null> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const part of request) {
      if (!(part instanceof Uint8Array)) return null;
      length += part.length;
      if (length > maxWitnessBytes) return null;
      parts.push(part);
    }
  } catch {
    return null;
  }
  return new Uint8Array(Buffer.concat(parts));
}
