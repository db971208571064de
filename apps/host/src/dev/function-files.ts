import { type FSWatcher, watch } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';

/** A file that holds a function. */
export interface FunctionFile {
  /** The file's name without its ending. */
  functionId: string;
  file: string;
  /** Where an example of a call lies, if there is one. */
  example: string;
}

const endings = new Set(['.ts', '.mts', '.js', '.mjs']);

/** The functions of a project, by name. @throws {TeeError} ERR_INVALID_ARGUMENT when it has none */
export async function functionFiles(folder: string): Promise<FunctionFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files = names
    .map((name) => parse(name))
    .filter(({ name, ext }) => endings.has(ext) && !name.endsWith('.test') && !name.endsWith('.d'))
    .map(({ base, name }) => ({
      functionId: name,
      file: join(folder, base),
      example: join(folder, `${name}.example.json`),
    }));
  if (files.length > 0) return files;
  throw new TeeError('ERR_INVALID_ARGUMENT', `${folder} holds no functions.`, {
    expected: 'functions/NAME.ts',
    hint: 'neo-tee init makes a project; run dev in its folder.',
  });
}

/**
 * Calls back when something in a folder was saved, once for what an editor does at once, and never twice at a time: what
 * is saved meanwhile is seen afterwards.
 */
export function watchFolder(folder: string, onChange: () => Promise<void>): FSWatcher {
  const quietMs = 80;
  let timer: NodeJS.Timeout | null = null;
  let isRunning = false;
  let isWaiting = false;
  const changed = async () => {
    if (isRunning) {
      isWaiting = true;
      return;
    }
    isRunning = true;
    await onChange();
    isRunning = false;
    if (!isWaiting) return;
    isWaiting = false;
    await changed();
  };
  return watch(folder, { recursive: true }, () => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => void changed(), quietMs);
  });
}
