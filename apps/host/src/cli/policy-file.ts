import { parsePolicy } from '@neo-service-layer/attestation';
import { type AppraisalPolicy, TeeError } from '@neo-service-layer/tee-interface';
import { readTextFile, writeFile } from './arguments.ts';

/**
 * A policy out of a JSON file.
 * @throws {TeeError} ERR_INVALID_ARGUMENT for a file that cannot be read; ERR_POLICY_FORMAT, also for what is not JSON;
 * ERR_POLICY_EMPTY
 */
export function readPolicy(path: string): AppraisalPolicy {
  return parsePolicy(parseJson(readTextFile(path), path));
}

/** Writes a policy as JSON. @throws {TeeError} ERR_INVALID_ARGUMENT naming the file */
export function writePolicy(path: string, policy: AppraisalPolicy): void {
  writeFile(path, new TextEncoder().encode(`${JSON.stringify(policy, null, 2)}\n`));
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TeeError('ERR_POLICY_FORMAT', `${path} is not JSON.`, {
      actual: cause instanceof Error ? cause.message : 'something else',
      cause,
    });
  }
}
