import { HttpTransport, TeeClient } from '@neo-service-layer/tee-client';
import { TeeError } from '@neo-service-layer/tee-interface';
import { hostUrl } from './host.ts';
import { policy } from './policy.ts';
import { anchors, isTrusted } from './trust.ts';
import { user } from './user.ts';

let current: { key: string; client: Promise<TeeClient> } | null = null;

/**
 * A client of the enclave. It verifies the enclave again by itself before anything is sent, so nothing rests on what a
 * page shows.
 * @throws {TeeError} ERR_EVIDENCE_REJECTED when this browser has not accepted the enclave, and what connecting throws
 */
export function connected(): Promise<TeeClient> {
  const chosen = policy.value.policy;
  if (!isTrusted.value || chosen === null) {
    return Promise.reject(
      new TeeError('ERR_EVIDENCE_REJECTED', 'Nothing was sent: the enclave has not proved what the policy demands.', {
        hint: 'See the page Trust.',
      }),
    );
  }
  const who = user.value;
  const key = JSON.stringify([hostUrl.value, chosen, who?.userId, who?.publicKey]);
  if (current?.key === key) return current.client;
  const trustAnchors = anchors();
  const client = TeeClient.connect({
    transport: new HttpTransport(hostUrl.value),
    policy: chosen,
    ...(trustAnchors === undefined ? {} : { trustAnchors }),
    ...(who === null ? {} : { user: who }),
  });
  const next = { key, client };
  current = next;
  client.catch(() => {
    if (current === next) current = null;
  });
  return client;
}
