import { stat } from 'node:fs/promises';
import { basename, dirname, posix, resolve } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { hashFile } from '../files/hash-file.ts';
import type { Bom } from './bom-schema.ts';
import { excludeFilter } from './exclude-filter.ts';
import { ImageWriter } from './image-writer.ts';
import { loadBoms } from './load-boms.ts';
import { programFiles } from './program-files.ts';
import { readElf } from './read-elf.ts';

/** How a bom is carried out. */
export interface CopyBomOptions {
  /** The image folder. */
  root: string;
  /** What relative paths in the bom are relative to; default, as in copy_bom, the folder above `root`. */
  base?: string;
  includeDirs?: readonly string[];
  /** Values for `$NAME` and `${NAME}` in paths; nothing is taken from the environment. */
  variables?: Readonly<Record<string, string>>;
  /** Loader that takes the place of the programs' own, see OcclumManager.programLoader. */
  loader?: string | undefined;
}

/**
 * Fills an image as `copy_bom` does (occlum-contract §3), without it, rsync or Occlum's loader list. Differs where
 * copy_bom is silent: an unset variable, an unknown key and a missing library are errors here. Never deletes.
 *
 * Libraries come from the folder of `loader`, then from this machine's loader directories, those of explicit files only (`autodep`), and never replace a
 * file that the bom names.
 *
 * @throws TeeError ERR_OCCLUM_BOM, ERR_OCCLUM_IMAGE
 */
export async function copyBom(file: string, options: CopyBomOptions): Promise<void> {
  const boms = await loadBoms(file, options.includeDirs);
  const writer = await ImageWriter.open(options.root);
  const base = options.base ?? dirname(resolve(options.root));
  const named = new Set<string>();
  const programs: { source: string; destination: string }[] = [];
  for (const bom of boms) {
    await carryOut(bom, { writer, base, variables: options.variables ?? {}, named, programs });
  }
  for (const { source, destination } of programs) {
    for (const library of programFiles(source, destination, { loader: options.loader })) {
      if (named.has(library.destination)) continue;
      await writer.file(library.source, library.destination);
    }
  }
}

interface Work {
  readonly writer: ImageWriter;
  readonly base: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Destinations of explicit files. */
  readonly named: Set<string>;
  /** Programs whose libraries are still to be copied. */
  readonly programs: { source: string; destination: string }[];
}

async function carryOut(bom: Bom, work: Work): Promise<void> {
  const { writer } = work;
  const path = (text: string): string => expandVariables(text, work.variables);
  const excluded = excludeFilter(bom.excludes ?? []);
  for (const entry of bom.targets ?? []) {
    const target = path(entry.target);
    await writer.folder(target);
    for (const folder of entry.mkdirs ?? []) await writer.folder(below(target, path(folder)));
    for (const { src, linkname } of entry.createlinks ?? []) {
      await writer.link(path(src), below(target, path(linkname)));
    }
    for (const { from = '', dirs = [], files = [] } of entry.copy ?? []) {
      const whole = dirs.length === 0 && files.length === 0;
      if (whole && from === '') throw new TeeError('ERR_OCCLUM_BOM', `a copy into ${target} names nothing`);
      const source = (name: string): string => resolve(work.base, path(from), path(name));
      for (const name of whole ? ['.'] : dirs) {
        const folder = source(name);
        await mustBe(folder, 'folder');
        const contents = name.endsWith('/') || (whole && from.endsWith('/'));
        await writer.tree(folder, contents ? target : below(target, basename(folder)), excluded);
      }
      for (const item of files) await copyFile(typeof item === 'string' ? { name: item } : item, target, source, work);
    }
  }
}

async function copyFile(
  item: { name: string; hash?: string | undefined; autodep?: boolean | undefined; rename?: string | undefined },
  target: string,
  source: (name: string) => string,
  work: Work,
): Promise<void> {
  const file = source(item.name);
  await mustBe(file, 'file');
  if (item.hash !== undefined) {
    const hash = (await hashFile(file)).toUpperCase();
    if (hash !== item.hash) {
      throw new TeeError('ERR_OCCLUM_BOM', `${file} is not the file the bom names`, {
        expected: item.hash,
        actual: hash,
      });
    }
  }
  const destination = below(target, item.rename ?? basename(file));
  await work.writer.file(file, destination);
  work.named.add(posix.normalize(destination));
  if ((item.autodep ?? true) && readElf(file)?.interpreter) work.programs.push({ source: file, destination });
}

/** Not joined and made plain: a ".." in it is for the writer to see and refuse. */
function below(target: string, name: string): string {
  return `${target}/${name}`;
}

async function mustBe(path: string, kind: 'file' | 'folder'): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (kind === 'file' ? found?.isFile() : found?.isDirectory()) return;
  throw new TeeError('ERR_OCCLUM_BOM', `the bom names the ${kind} ${path}, which is not there`);
}

function expandVariables(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, plain?: string) => {
    const value = variables[braced ?? plain ?? ''];
    if (value === undefined) {
      throw new TeeError('ERR_OCCLUM_BOM', `the bom uses ${whole}, which is not set`, { actual: text });
    }
    return value;
  });
}
