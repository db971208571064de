import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuiltSource } from '@neo-service-layer/functions/bundle';
import * as z from 'zod';
import { writeFile } from '../cli/arguments.ts';

const schema = z.object({ code: z.string(), sourceMap: z.string() });

/** Keeps what a deployed function was bundled of, on this machine only, so that errors of later calls name its lines. */
export function keepSource(home: string, functionId: string, { code, sourceMap }: BuiltSource): void {
  mkdirSync(join(home, 'sources'), { recursive: true, mode: 0o700 });
  writeFile(fileOf(home, functionId), new TextEncoder().encode(JSON.stringify({ code, sourceMap })));
}

/** What {@link keepSource} kept; null when this machine has deployed no such function, or what is kept cannot be read. */
export function keptSource(home: string, functionId: string): BuiltSource | null {
  const file = fileOf(home, functionId);
  if (!existsSync(file)) return null;
  try {
    return schema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    // It only makes errors easier to read.
    return null;
  }
}

function fileOf(home: string, functionId: string): string {
  return join(home, 'sources', `${Buffer.from(functionId).toString('hex')}.json`);
}
