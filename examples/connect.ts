import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parsePolicy } from '@neo-service-layer/attestation';
import { HttpTransport, TeeClient, type UserKey, userKeyFromSeed } from '@neo-service-layer/tee-client';
import type { AppraisalPolicy } from '@neo-service-layer/tee-interface';

const text = { type: 'string' } as const;
const options = { url: text, policy: text, root: text, 'user-id': text, 'user-key': text };
type Settings = { [Name in keyof typeof options]?: string };

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
 * Runs a script, if it is the program that was started: `npx tsx client.ts [OPTIONS] [WORDS]` in the folder of a project, or with
 * `--url URL --policy FILE [--root FILE] [--user-id ID --user-key PEM]`.
 */
export async function asScript(url: string, script: (connection: Connection) => Promise<unknown>): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const settings = values.url === undefined ? { ...projectSettings(), ...values } : values;
  if (settings.url === undefined || settings.policy === undefined) throw new Error('--url and --policy are needed');
  const policy = parsePolicy(JSON.parse(readFileSync(settings.policy, 'utf8')));
  // Intel's root is built in; a simulated machine has one of its own.
  const trustAnchors = settings.root === undefined ? undefined : [new Uint8Array(readFileSync(settings.root))];
  const user = settings['user-id'] === undefined ? undefined : await userOf(settings['user-id'], settings['user-key']);
  const tee = await TeeClient.connect({
    transport: new HttpTransport(settings.url),
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

/** Which enclave is meant, and as whom, as `neo-tee init` wrote it. */
function projectSettings(): Settings {
  if (!existsSync('neo-tee.json')) return {};
  const { userId, userKey, ...rest } = JSON.parse(readFileSync('neo-tee.json', 'utf8'));
  return { ...rest, 'user-id': userId, 'user-key': userKey };
}
