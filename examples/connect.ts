import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parsePolicy } from '@neo-service-layer/attestation';
import { HttpTransport, TeeClient, type UserKey, userKeyFromSeed } from '@neo-service-layer/tee-client';
import type { AppraisalPolicy } from '@neo-service-layer/tee-interface';

/** What a client script works with. */
export interface Connection {
  /** Proved by now to be the enclave that the policy wants. */
  tee: TeeClient;
  policy: AppraisalPolicy;
  trustAnchors: Uint8Array[] | undefined;
  /** What else stands on the command line. */
  words: string[];
}

/**
 * Runs a script, if it is the program that was started:
 * `npx tsx client.ts --url URL --policy FILE [--root FILE] [--user ID --key PEM] [WORDS]`.
 */
export async function asScript(url: string, script: (connection: Connection) => Promise<unknown>): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    options: { url: text, policy: text, root: text, user: text, key: text },
    allowPositionals: true,
  });
  if (values.url === undefined || values.policy === undefined) throw new Error('--url and --policy are needed');
  const policy = parsePolicy(JSON.parse(readFileSync(values.policy, 'utf8')));
  // Intel's root is built in; a simulated machine has one of its own.
  const trustAnchors = values.root === undefined ? undefined : [new Uint8Array(readFileSync(values.root))];
  const user = values.user === undefined ? undefined : await userOf(values.user, values.key);
  const tee = await TeeClient.connect({
    transport: new HttpTransport(values.url),
    policy,
    ...(trustAnchors === undefined ? {} : { trustAnchors }),
    ...(user === undefined ? {} : { user }),
  });
  try {
    console.log(JSON.stringify(await script({ tee, policy, trustAnchors, words: positionals }), null, 2));
  } finally {
    await tee.dispose();
  }
}

/** A user by the key that `neo-tee user new-key FILE` made. */
async function userOf(userId: string, file = ''): Promise<UserKey> {
  const { d } = createPrivateKey(readFileSync(file)).export({ format: 'jwk' });
  return userKeyFromSeed(userId, new Uint8Array(Buffer.from(d ?? '', 'base64url')));
}
