import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the console as it is served. */
export interface ConsoleFile {
  bytes: Buffer;
  type: string;
  etag: string;
  /** Its name holds the hash of what is in it, so it never changes. */
  isImmutable: boolean;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

// Beside the bundle or the compiled files; and for whoever runs the sources, where the build puts it.
const places = ['../console/', '../../dist/console/'].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** The folder of the console that was built with this host, or null where it was not built. */
export function builtConsole(): string | null {
  return places.find((folder) => existsSync(join(folder, 'index.html'))) ?? null;
}

/**
 * Every file of a built console by its path (`/`, `/icon.svg`, `/assets/…`), read once: what is asked for later is looked
 * up here and never becomes a path on the disk. Files of other types are left out. No folder: an empty map.
 */
export function consoleFiles(folder: string | null): ReadonlyMap<string, ConsoleFile> {
  const files = new Map<string, ConsoleFile>();
  if (folder === null) return files;
  for (const beneath of ['', 'assets']) {
    const place = join(folder, beneath);
    if (!existsSync(place)) continue;
    for (const entry of readdirSync(place, { withFileTypes: true })) {
      const type = types[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const bytes = readFileSync(join(place, entry.name));
      const etag = `"${createHash('sha256').update(bytes).digest('base64url')}"`;
      const path = beneath === '' ? `/${entry.name}` : `/${beneath}/${entry.name}`;
      files.set(path === '/index.html' ? '/' : path, { bytes, type, etag, isImmutable: beneath === 'assets' });
    }
  }
  return files;
}
