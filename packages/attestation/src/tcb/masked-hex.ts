/** True when two hex strings of the same length agree in every bit of the mask. Case does not matter. */
export function equalUnderMask(a: string, b: string, mask: string): boolean {
  return ((toBits(a) ^ toBits(b)) & toBits(mask)) === 0n;
}

/** `value` with every bit cleared that `mask` does not have, lower case. */
export function applyMask(value: string, mask: string): string {
  return (toBits(value) & toBits(mask)).toString(16).padStart(value.length, '0');
}

function toBits(hex: string): bigint {
  return BigInt(`0x${hex}`);
}
