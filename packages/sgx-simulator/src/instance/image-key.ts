const form = /^([0-9a-f]{2}-){15}[0-9a-f]{2}\n?$/;

/** Reads an image key as `gen-image-key` writes it: 16 bytes, `xx-xx-…`. @returns null for anything else */
export function parseImageKey(text: string): Uint8Array | null {
  return form.test(text) ? new Uint8Array(Buffer.from(text.trim().replaceAll('-', ''), 'hex')) : null;
}

/** 16 bytes as `xx-xx-…`, the form of image keys and of file system MACs. */
export function hyphenated(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('-');
}
