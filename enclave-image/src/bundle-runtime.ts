import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** One file of the bundle, as it will stand in `/app` of the image. */
export interface BundledFile {
  name: string;
  bytes: number;
  /** Lower-case hex. */
  sha256: string;
}

/** What was bundled: the files, and every package whose code is in them. That list is the trusted computing base. */
export interface RuntimeBundle {
  files: BundledFile[];
  /** `name@version`, sorted. */
  packages: string[];
}

/**
 * Bundles the enclave runtime into `outDir`: `runtime.mjs`, `sandbox-worker.mjs` and `quickjs.wasm`. The same inputs
 * give the same bytes in any folder: no path, time or name of the machine gets in.
 */
export async function bundleRuntime({ outDir }: { outDir: string }): Promise<RuntimeBundle> {
  const runtimeRoot = packageRoot('@neo-service-layer/enclave-runtime', import.meta.url);
  const sandboxRoot = packageRoot('@neo-service-layer/js-execution', join(runtimeRoot, 'package.json'));
  await mkdir(outDir, { recursive: true });
  const result = await build({
    absWorkingDir: runtimeRoot,
    entryPoints: {
      runtime: join(runtimeRoot, 'dist', 'bin', 'runtime.js'),
      'sandbox-worker': join(sandboxRoot, 'dist', 'worker', 'sandbox-worker.js'),
    },
    outdir: outDir,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    // Debian's position-independent Node, which genuine Occlum loads, is of this line.
    target: 'node18',
    charset: 'utf8',
    legalComments: 'eof',
    metafile: true,
    logLevel: 'silent',
  });
  await copyFile(join(sandboxRoot, 'dist', 'quickjs-sandbox.wasm'), join(outDir, 'quickjs.wasm'));
  const inputs = Object.keys(result.metafile.inputs).map((input) => join(runtimeRoot, input));
  // The engine is not JavaScript, so esbuild did not see it, but its code is trusted all the same.
  inputs.push(join(packageRoot('quickjs-wasi', join(sandboxRoot, 'package.json')), 'package.json'));
  return {
    files: await Promise.all(['quickjs.wasm', 'runtime.mjs', 'sandbox-worker.mjs'].map((name) => describe(outDir, name))),
    packages: await packagesOf(inputs),
  };
}

async function describe(folder: string, name: string): Promise<BundledFile> {
  const content = await readFile(join(folder, name));
  return { name, bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
}

/** The folder of an installed package, found as Node would find it from the importing file. */
function packageRoot(name: string, from: string): string {
  return dirname(createRequire(from).resolve(`${name}/package.json`));
}

async function packagesOf(inputs: readonly string[]): Promise<string[]> {
  const roots = new Map<string, string>();
  for (const input of inputs) {
    const { root, label } = await owner(dirname(input), roots);
    roots.set(root, label);
  }
  return [...new Set(roots.values())].sort((a, b) => (a < b ? -1 : 1));
}

/** The package a file belongs to: the nearest package.json with a name and a version. */
async function owner(folder: string, known: ReadonlyMap<string, string>): Promise<{ root: string; label: string }> {
  const label = known.get(folder);
  if (label !== undefined) return { root: folder, label };
  try {
    const { name, version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    if (typeof name === 'string' && typeof version === 'string') return { root: folder, label: `${name}@${version}` };
  } catch {
    // Not here: look further up.
  }
  if (dirname(folder) === folder) throw new Error('a bundled file belongs to no package');
  return owner(dirname(folder), known);
}
