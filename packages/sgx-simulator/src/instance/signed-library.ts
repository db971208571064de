import { sigstructSize } from '../sigstruct/layout.ts';

/** First line of a simulated libocclum-libos.signed.so: nobody shall take it for a library. */
const magic = Buffer.from('occlum-sim signed enclave 1: not a library, a SIGSTRUCT follows\n', 'latin1');

/** The content of a simulated signed enclave: a line that says what it is, and the SIGSTRUCT. */
export function encodeSignedLibrary(sigstruct: Uint8Array): Uint8Array {
  return Buffer.concat([magic, sigstruct]);
}

/** The SIGSTRUCT (1808 bytes, unverified) in a simulated signed enclave; null for any other file. */
export function sigstructOf(library: Uint8Array): Uint8Array | null {
  if (library.length !== magic.length + sigstructSize) return null;
  if (Buffer.compare(library.subarray(0, magic.length), magic) !== 0) return null;
  return new Uint8Array(library.subarray(magic.length));
}
