import { TeeError } from '@neo-service-layer/tee-interface';
import { looksLikeSigStruct, parseSigStruct, type SigStruct, sigStructSize } from './parse-sigstruct.ts';

/** A SIGSTRUCT and where it stands. */
export interface FoundSigStruct {
  offset: number;
  struct: SigStruct;
}

/**
 * Finds the SIGSTRUCT in the file of a signed enclave (an ELF with a section `.note.sgxmeta`, in which the signing tool puts
 * it), or in a file that is nothing but one. It is found by its two headers, 32 fixed bytes, so it needs nothing of the
 * SDK's own structures around it, which differ between versions.
 *
 * @throws {TeeError} ERR_DEVICE_STRUCT when there is none, and when there are several: a file made to deceive shows one to
 *   readers and gives the loader another
 */
export function findSigStruct(file: Uint8Array): FoundSigStruct {
  const found: FoundSigStruct[] = [];
  let refusal: unknown;
  for (let offset = next(file, 0); offset >= 0; offset = next(file, offset + 1)) {
    try {
      found.push({ offset, struct: parseSigStruct(file.subarray(offset, offset + sigStructSize)) });
    } catch (error) {
      refusal ??= error;
    }
  }
  const [first, ...more] = found;
  if (first !== undefined && more.length === 0) return first;
  throw new TeeError(
    'ERR_DEVICE_STRUCT',
    first ? 'The file holds several SIGSTRUCTs.' : 'The file holds no SIGSTRUCT.',
    {
      expected: 'a signed enclave (libocclum-libos.signed.so of a built instance), or a SIGSTRUCT of 1808 bytes',
      ...(first ? { actual: `at the bytes ${found.map(({ offset }) => offset).join(', ')}` } : {}),
      hint: first
        ? 'Which of them a loader takes cannot be told from outside: do not trust the file.'
        : 'An enclave that was not signed yet has none: sign it, or build the instance.',
      ...(refusal === undefined ? {} : { cause: refusal }),
    },
  );
}

/** Where the next SIGSTRUCT can begin; -1 when nowhere. */
function next(file: Uint8Array, from: number): number {
  for (let at = file.indexOf(6, from); at >= 0 && at + sigStructSize <= file.length; at = file.indexOf(6, at + 1)) {
    if (looksLikeSigStruct(file, at)) return at;
  }
  return -1;
}
