import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';

/** Name of the file that says, for a folder, which enclave commands speak with and as whom. */
export const projectFileName = 'neo-tee.json';

/** What stands in it; paths are relative to its folder. */
const projectSchema = z.strictObject({
  /** Host that relays to the enclave. */
  url: z.url(),
  /** Policy by which the enclave is judged. */
  policy: z.string().min(1),
  /** Root certificate that is trusted instead of Intel's: that of a simulated machine. */
  root: z.string().min(1).optional(),
  /** Who calls. */
  userId: z.string().min(1).max(256).optional(),
  /** File of the private key that this user signs in with. */
  userKey: z.string().min(1).optional(),
});

/** Options of a command that speaks with an enclave, as a folder's project file gives them. */
export type ProjectOptions = Partial<Record<'url' | 'policy' | 'root' | 'user-id' | 'user-key', string>>;

/**
 * The options that the project file of a folder stands for; none where there is no such file.
 * @throws {TeeError} ERR_INVALID_ARGUMENT for a file that is no project's: it is never passed over
 */
export function projectOptions(folder: string): ProjectOptions {
  const file = join(folder, projectFileName);
  if (!existsSync(file)) return {};
  const { url, policy, root, userId, userKey } = read(file);
  const path = (name: string) => resolve(dirname(file), name);
  return {
    url,
    policy: path(policy),
    ...(root === undefined ? {} : { root: path(root) }),
    ...(userId === undefined ? {} : { 'user-id': userId }),
    ...(userKey === undefined ? {} : { 'user-key': path(userKey) }),
  };
}

function read(file: string): z.infer<typeof projectSchema> {
  try {
    return projectSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `${file} is no project file.`, {
      expected: '{ "url", "policy", "root"?, "userId"?, "userKey"? }',
      ...(cause instanceof z.ZodError ? { actual: z.prettifyError(cause) } : {}),
      hint: 'neo-tee init writes one; name every option on the command line to do without it.',
      cause,
    });
  }
}
