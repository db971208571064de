import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { instanceLayout } from '../instance/layout.ts';
import { sigstructOf } from '../instance/signed-library.ts';
import { sigstructOffsets as at, rsaSize } from '../sigstruct/layout.ts';
import { failErr, failOut } from './failure.ts';

/** `occlum print mrenclave|mrsigner`: 64 hex digits of the signed enclave in the current folder. */
export async function printMeasurement(words: string[]): Promise<number> {
  const [name] = words;
  if (name === undefined) throw failOut('print info name not provided');
  const { signedLibrary } = instanceLayout(process.cwd());
  if (!existsSync(signedLibrary)) throw failErr('No build/lib/libocclum-libos.signed.so existed');
  const sigstruct = sigstructOf(readFileSync(signedLibrary));
  if (sigstruct === null) throw failErr('build/lib/libocclum-libos.signed.so is not an enclave of occlum-sim');
  const modulus = sigstruct.subarray(at.modulus, at.modulus + rsaSize);
  const values = new Map([
    ['mrenclave', Buffer.from(sigstruct.subarray(at.enclaveHash, at.enclaveHash + 32)).toString('hex')],
    ['mrsigner', createHash('sha256').update(modulus).digest('hex')],
  ]);
  const value = values.get(name);
  if (value === undefined) throw failErr('No valid info name provided');
  process.stdout.write(`${value}\n`);
  return 0;
}
