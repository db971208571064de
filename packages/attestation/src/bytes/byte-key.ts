/**
 * A string that stands for some bytes (a key, a signature, a hash) as the key of a Map: one character for each byte, so
 * that equal lengths cannot run into each other when keys are joined. Not for printing.
 */
export function byteKey(bytes: Uint8Array): string {
  // Spreading takes eight times as long.
  return Reflect.apply(String.fromCharCode, null, bytes);
}
