const units: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3, TB: 1024 ** 4 };
const form = /^(\d{1,13}) *(B|KB|MB|GB|TB)$/;

/**
 * Bytes of an Occlum size string such as "300MB", or undefined when it is not one (occlum-contract §2.1: decimal
 * integer, optional spaces, unit exactly B, KB, MB, GB or TB, each 1024 times the one before; no fraction, no KiB).
 */
export function parseSize(text: string): number | undefined {
  const match = form.exec(text);
  const count = Number(match?.[1]);
  const bytes = count * (units[match?.[2] ?? ''] ?? Number.NaN);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** The shortest exact Occlum size string for a number of bytes: 2147483648 becomes "2GB". */
export function formatSize(bytes: number): string {
  const unit = ['TB', 'GB', 'MB', 'KB'].find((name) => bytes > 0 && bytes % (units[name] ?? 1) === 0) ?? 'B';
  return `${bytes / (units[unit] ?? 1)}${unit}`;
}
