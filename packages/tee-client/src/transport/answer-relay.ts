import { type ByteStream, HostLink, linkCalls } from '@neo-service-layer/tee-channel/host-link';
import { encodeEvidenceBundle, TeeError } from '@neo-service-layer/tee-interface';
import type { Transport } from './transport.ts';

/** How one socket is served. */
export interface AnswerRelayOptions {
  /** Messages of this client that may be under way; more are answered ERR_BUSY. Default 64. */
  maxInFlight?: number;
  /** Longest message of a client; a longer one is answered ERR_INVALID_ARGUMENT. Default what a frame can hold, 40 MiB. */
  maxBodyBytes?: number;
  /** Is shown every body that crosses; for recordings. */
  onBody?: (bytes: Uint8Array) => void;
}

/**
 * The relay's end of a `WebSocketTransport`: carries the client's messages to the enclave and the answers back. Reads
 * nothing of them. A peer that sends frames that are none is cut off.
 *
 * @param transport the enclave's at each message; null while there is none, which is answered ERR_LINK_CLOSED
 */
export function answerRelay(
  stream: ByteStream,
  transport: () => Transport | null,
  { maxInFlight = 64, maxBodyBytes = 40 * 1024 * 1024, onBody = () => {} }: AnswerRelayOptions = {},
): HostLink {
  let inFlight = 0;
  return new HostLink(stream, async (name, body) => {
    if (name !== linkCalls.evidence && name !== linkCalls.channel) {
      throw new TeeError('ERR_UNKNOWN_METHOD', 'The relay carries evidence and messages of the channel only.');
    }
    if (body.length > maxBodyBytes) {
      throw new TeeError('ERR_INVALID_ARGUMENT', `A message has at most ${maxBodyBytes} bytes here.`);
    }
    if (inFlight >= maxInFlight) throw new TeeError('ERR_BUSY', 'Too many messages of this client are under way.');
    const enclave = transport();
    if (enclave === null) throw new TeeError('ERR_LINK_CLOSED', 'No enclave runs behind this relay.');
    inFlight += 1;
    try {
      onBody(body);
      const isEvidence = name === linkCalls.evidence;
      const answer = isEvidence ? await encodedEvidenceOf(enclave) : await enclave.exchange(body);
      onBody(answer);
      return answer;
    } finally {
      inFlight -= 1;
    }
  });
}

/** Evidence as it goes over the wire. */
async function encodedEvidenceOf(transport: Transport): Promise<Uint8Array> {
  return transport.encodedEvidence?.() ?? encodeEvidenceBundle(await transport.evidence());
}
