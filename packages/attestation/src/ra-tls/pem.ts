/** Characters in a line of PEM (RFC 7468 §2). */
const lineLength = 64;

/** PEM text of DER, with a line end after it. */
export function toPem(label: 'CERTIFICATE' | 'PUBLIC KEY' | 'PRIVATE KEY', der: Uint8Array): string {
  let binary = '';
  for (const byte of der) binary += String.fromCharCode(byte);
  const lines = btoa(binary).match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
