/**
 * A copy in memory that nobody else holds, so that bytes cannot change between the check and the use, not even
 * when the caller's array lies in shared memory.
 */
export function ownedCopy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
