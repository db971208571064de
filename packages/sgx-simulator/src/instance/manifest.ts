import { createHash, type Hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { listTree, type TreeEntry } from './tree.ts';

/**
 * The manifest of a tree: one line for each entry with type, mode, size, SHA-256 of the content, path and link target;
 * no times, no owners, nothing of where the tree lies. Equal trees have equal manifests.
 */
export function makeManifest(root: string): string[] {
  const buffer = Buffer.allocUnsafe(1 << 20);
  return listTree(root).map((entry) =>
    lineOf(entry, entry.type === 'file' ? hashFile(root + entry.path, buffer) : '-'),
  );
}

/** Paths at which two manifests differ; empty when they are equal. */
export function manifestDifference(expected: string[], actual: string[]): string[] {
  const wanted = new Set(expected);
  const found = new Set(actual);
  const lines = [...expected.filter((line) => !found.has(line)), ...actual.filter((line) => !wanted.has(line))];
  return [...new Set(lines.map((line) => String(JSON.parse(line.split('\t')[4] ?? '""'))))];
}

function lineOf(entry: TreeEntry, digest: string): string {
  const mode = entry.mode.toString(8).padStart(4, '0');
  const columns = [
    entry.type,
    mode,
    String(entry.size),
    digest,
    JSON.stringify(entry.path),
    JSON.stringify(entry.target),
  ];
  return columns.join('\t');
}

function hashFile(path: string, buffer: Buffer): string {
  const hash: Hash = createHash('sha256');
  const file = openSync(path, 'r');
  try {
    for (;;) {
      const length = readSync(file, buffer);
      if (length === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(file);
  }
}
