import { basename, dirname, relative } from 'node:path';
import { TeeError } from '@neo-service-layer/tee-interface';
import { type BuildFailure, build, type Message } from 'esbuild';
import { ownFolder, ownPackages } from './own-packages.ts';
import { pureJavaScript } from './pure-javascript.ts';

/** One file of JavaScript, with the map that leads back to the files that it was made of. */
export interface BuiltSource {
  code: string;
  /** JSON of a source map (ECMA-426); its sources are relative to the function's folder. */
  sourceMap: string;
}

/**
 * Bundles an entry that imports a function's file: one ES module without imports, the same bytes for the same sources in
 * whatever folder they lie.
 * @param entry text of the entry, which imports `./NAME` of the file
 * @throws {TeeError} ERR_JS_SYNTAX, with `line` and `column`, for what cannot be bundled
 */
export async function buildSource(file: string, entry: string): Promise<BuiltSource> {
  const folder = dirname(file);
  try {
    const { outputFiles } = await build({
      stdin: { contents: entry, resolveDir: folder, sourcefile: 'entry.js', loader: 'js' },
      absWorkingDir: folder,
      outfile: `${folder}/function.mjs`,
      write: false,
      bundle: true,
      format: 'esm',
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions: ['import', 'default'],
      target: 'es2023',
      minify: true,
      legalComments: 'none',
      charset: 'utf8',
      sourcemap: 'external',
      logLevel: 'silent',
      // The project's own tsconfig.json must not change what is built.
      tsconfigRaw: '{}',
      plugins: [pureJavaScript, ownPackages],
    });
    const ending = (end: string) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
    return { code: ending('.mjs'), sourceMap: withPackage(ending('.map'), folder) };
  } catch (error) {
    const [first] = (error as Partial<BuildFailure>).errors ?? [];
    if (first === undefined) throw error;
    throw refused(file, first);
  }
}

/** The map with this package's own files named as a package's, where a checkout has them elsewhere. */
function withPackage(sourceMap: string, folder: string): string {
  const own = `${relative(folder, ownFolder)}/`;
  const isOwn = (source: string) => source.startsWith(`${own}src/`) || source.startsWith(`${own}dist/`);
  const map: { sources: string[] } = JSON.parse(sourceMap);
  const sources = map.sources.map((source) =>
    isOwn(source) ? `node_modules/@neo-service-layer/functions/${source.slice(own.length)}` : source,
  );
  return JSON.stringify({ ...map, sources });
}

function refused(file: string, { text, location, detail }: Message): TeeError {
  const importer = typeof detail === 'string' && detail !== '' ? ` (imported by ${detail})` : '';
  return new TeeError('ERR_JS_SYNTAX', `${basename(file)} cannot be bundled: ${text}${importer}.`, {
    hint: 'Packages may be imported when they are pure JavaScript and need nothing of Node.',
    details: location
      ? {
          ...{ line: location.line, column: location.column + 1 },
          excerpt: { file: location.file, line: location.line, column: location.column + 1, text: location.lineText },
        }
      : {},
  });
}
