const units: Record<string, number> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/** Bytes of a size as Occlum.json writes it, e.g. "300MB"; null for anything else. */
export function parseSize(text: string): number | null {
  const [, digits = '', unit = ''] = /^(\d+) *(B|KB|MB|GB|TB)$/.exec(text) ?? [];
  return unit === '' ? null : Number(digits) * (units[unit] ?? 1);
}
