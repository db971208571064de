import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { build, type Metafile } from 'esbuild';
import { compileDeviceHelper, deviceHelperName } from './compile-device-helper.ts';
import { engineSources, nameInPackage, packagesOf } from './packages-of.ts';
import { packageFolder, recipeFile, runtimePackage, sandboxFolder } from './recipe-files.ts';
import { publishedCode, type RuntimeCode } from './runtime-code.ts';

/** One file of the bundle, as it will stand in `/app` of the image. */
export interface BundledFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** What was bundled: the files, and every package whose code is in them. That list is the trusted computing base. */
export interface RuntimeBundle {
  /** In the order of their names. */
  readonly files: readonly BundledFile[];
  /** `name@version`, sorted. */
  readonly packages: readonly string[];
}

/** The modules that are bundled; the default is what the packages of this project build. */
export interface BundleEntries {
  /** Program of the enclave. */
  runtime: string;
  /** Program of a sandbox thread. */
  sandboxWorker: string;
  /** The sandbox's engine (WebAssembly), copied as it is. */
  engine: string;
}

/**
 * Bundles the enclave's program into `outDir`: `start`, `runtime.mjs`, `sandbox-worker.mjs`, `quickjs.wasm` and
 * `configuration.json`. The same
 * inputs give the same bytes in any folder and however the packages were installed, so that anybody can compute the
 * measurement: no path, time or name of the machine gets in. An installed package takes the code that it was published with.
 *
 * @throws {TeeError} ERR_OCCLUM_IMAGE when an entry is missing or cannot be bundled, or no C compiler is there for the
 * helper
 */
export async function bundleRuntime(options: {
  outDir: string;
  entries?: Partial<BundleEntries>;
  /** Text of `configuration.json`, as `imageConfigurationText` of enclave-runtime makes it; default one that says nothing. */
  configuration?: string;
  /** Adds `sgx-ioctl.node`, which a real device needs and a simulated one does not. Default false. */
  deviceHelper?: boolean;
}): Promise<RuntimeBundle> {
  const { outDir } = options;
  await mkdir(outDir, { recursive: true });
  const published = options.entries === undefined ? await publishedCode() : null;
  const { files: code, packages } = published ?? (await bundleCode(options.entries));
  const contents = new Map<string, Uint8Array>(code);
  contents.set('start', await readFile(recipeFile('start')));
  contents.set('configuration.json', new TextEncoder().encode(options.configuration ?? '{}\n'));
  if (options.deviceHelper === true) contents.set(deviceHelperName, await compileDeviceHelper());

  const files: BundledFile[] = [];
  for (const [name, bytes] of [...contents].sort(([one], [other]) => (one < other ? -1 : 1))) {
    await writeFile(join(outDir, name), bytes);
    files.push({ name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
  }
  // Occlum starts it, and package managers do not keep the mode of a file.
  await chmod(join(outDir, 'start'), 0o755);
  return { files, packages };
}

/** Bundles the code of the program from what the packages have built. @throws {TeeError} ERR_OCCLUM_IMAGE */
export async function bundleCode(chosen: Partial<BundleEntries> = {}): Promise<RuntimeCode> {
  const entries = { ...defaultEntries(), ...chosen };
  const { outputs, metafile } = await bundle(entries);
  const engine = await readFile(entries.engine).catch(refused(entries.engine));
  // The engine is not JavaScript, so esbuild did not see it, but its code is trusted all the same.
  const sources = chosen.engine === undefined ? engineSources() : [];
  const packages = [...new Set([...packagesOf(sourcesIn(metafile)), ...sources])].sort(byName);
  return { files: new Map<string, Uint8Array>([...outputs, ['quickjs.wasm', engine]]), packages };
}

function defaultEntries(): BundleEntries {
  const sandbox = join(sandboxFolder(), 'dist');
  return {
    runtime: join(packageFolder(runtimePackage), 'dist/bin/runtime.js'),
    sandboxWorker: join(sandbox, 'worker/sandbox-worker.js'),
    engine: join(sandbox, 'quickjs-sandbox.wasm'),
  };
}

async function bundle(entries: BundleEntries): Promise<{ outputs: [string, Uint8Array][]; metafile: Metafile }> {
  const result = await build({
    absWorkingDir: '/',
    entryPoints: { runtime: entries.runtime, 'sandbox-worker': entries.sandboxWorker },
    outdir: '/',
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    metafile: true,
    platform: 'node',
    format: 'esm',
    // Debian's position-independent Node, which genuine Occlum loads, is of this line.
    target: 'node18',
    charset: 'utf8',
    // With white space the comments go that name each source by its path. Identifiers stay, to be read.
    minifyWhitespace: true,
    // Licences stay where they are; at the end of the file they would come with the paths of their sources.
    legalComments: 'inline',
    // Neither a tsconfig.json nor NODE_ENV of the machine may decide what is measured.
    tsconfigRaw: '{}',
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'silent',
  }).catch(refused(`${entries.runtime} or ${entries.sandboxWorker}`));
  return {
    outputs: result.outputFiles.map(({ path, text }) => [path.slice(1), withoutPaths(text, result.metafile)]),
    metafile: result.metafile,
  };
}

/** esbuild names the wrapper of each CommonJS module by its path; names it by package and version instead. */
function withoutPaths(text: string, metafile: Metafile): Uint8Array {
  const named = Object.keys(metafile.inputs).reduce(
    (bundled, path) => bundled.replaceAll(`({"${path}"(`, () => `({"${nameInPackage(join('/', path))}"(`),
    text,
  );
  return new TextEncoder().encode(named);
}

/** The files whose code really is in the output: what was read and then left out is not trusted. */
function sourcesIn(metafile: Metafile): string[] {
  return Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [join('/', path)] : [])),
  );
}

function byName(one: string, other: string): number {
  return one < other ? -1 : 1;
}

function refused(what: string): (cause: unknown) => never {
  return (cause) => {
    throw new TeeError('ERR_OCCLUM_IMAGE', `${what} cannot be bundled`, {
      hint: 'Build the packages first: npm run build.',
      cause,
    });
  };
}
