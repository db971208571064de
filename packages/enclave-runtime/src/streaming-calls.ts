import { BlobSealer, type Keyring } from '@neo-service-layer/sealing';
import type { StreamHandler } from '@neo-service-layer/tee-channel';
import { decodeCall, isStreamMethod, TeeError, type TeeStreamName, teeStreams } from '@neo-service-layer/tee-interface';
import { parseParameters } from './parse-parameters.ts';
import type { Gate } from './users/gate.ts';
import { ownSealing } from './users/own-sealing.ts';

/**
 * Answers streaming calls: who may, is decided as for other calls, and one of the caller's calls is used up. The sealed bytes
 * belong to the user as those of sealData do.
 */
export function streamingCalls(keyring: () => Promise<Keyring>, gate: Pick<Gate, 'admit' | 'around'>): StreamHandler {
  return async ({ session, head, body }) => {
    const { method, params } = decodeCall(head);
    if (!isStreamMethod(method)) throw new TeeError('ERR_UNKNOWN_METHOD', 'There is no such streaming method.');
    const user = gate.admit(session, teeStreams[method].access);
    const { name } = parseParameters(method, teeStreams[method].input, params);
    return gate.around(user, async () => {
      const binding = { name, aad: ownSealing(user) };
      return body.pipeThrough(transformer(method, new BlobSealer(await keyring()), binding));
    });
  };
}

function transformer(method: TeeStreamName, sealer: BlobSealer, binding: Parameters<BlobSealer['openStream']>[0]) {
  return method === 'sealStream' ? sealer.sealStream(binding) : sealer.openStream(binding);
}
