/** True when two hex strings of the same length agree in every bit of the mask. Case does not matter. */
export function equalUnderMask(a: string, b: string, mask: string): boolean {
  return applyMask(a, mask) === applyMask(b, mask);
}

/** `value` with every bit cleared that `mask` does not have, lower case. */
export function applyMask(value: string, mask: string): string {
  let masked = '';
  for (const [index, digit] of [...value].entries()) {
    masked += (Number.parseInt(digit, 16) & Number.parseInt(mask[index] ?? '0', 16)).toString(16);
  }
  return masked;
}
