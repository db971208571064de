import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { packageFolder, sandboxFolder } from './recipe-files.ts';

/**
 * The packages that files belong to: of each the nearest package.json with a name and a version.
 *
 * @returns `name@version`, each once
 */
export function packagesOf(files: readonly string[]): string[] {
  const known = new Map<string, string>();
  const owner = (folder: string): string => {
    const label = known.get(folder) ?? labelIn(folder) ?? owner(above(folder));
    known.set(folder, label);
    return label;
  };
  return [...new Set(files.map((file) => owner(dirname(file))))];
}

/** A file named by its package: `cbor-x@1.6.9/dist/index-no-eval.cjs`, wherever that is installed. */
export function nameInPackage(file: string): string {
  const folder = (at: string): string => (labelIn(at) === undefined ? folder(above(at)) : at);
  const root = folder(dirname(file));
  return `${labelIn(root)}/${relative(root, file)}`;
}

/**
 * What the sandbox's engine is made from when js-execution is built, as `name@version`: QuickJS in WebAssembly, and the
 * compiler that takes the types out of TypeScript, which is inside of it.
 */
export function engineSources(): string[] {
  const sandbox = join(sandboxFolder(), 'package.json');
  const { devDependencies } = JSON.parse(readFileSync(sandbox, 'utf8'));
  return ['quickjs-wasi', 'sucrase'].map((name) => {
    const stated: unknown = devDependencies?.[name];
    if (typeof stated !== 'string')
      throw new TeeError('ERR_OCCLUM_IMAGE', `js-execution does not say which ${name} it has`);
    // In the workspace the version stands in the catalog; the published package states it.
    return /^\d/.test(stated) ? `${name}@${stated}` : (labelIn(packageFolder(name, sandbox)) ?? name);
  });
}

function labelIn(folder: string): string | undefined {
  try {
    const { name, version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    if (typeof name === 'string' && typeof version === 'string') return `${name}@${version}`;
  } catch {
    // None here.
  }
  // Or one without a name, that only sets the kind of modules.
  return undefined;
}

function above(folder: string): string {
  const parent = dirname(folder);
  if (parent !== folder) return parent;
  throw new TeeError('ERR_OCCLUM_IMAGE', 'a bundled file belongs to no package');
}
