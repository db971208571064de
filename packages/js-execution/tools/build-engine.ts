import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { boot } from './boot.ts';
import { countedMessages, keptExports, preludeFiles } from './engine-surface.ts';
import { makeImage } from './image.ts';
import { isolatePrelude } from './isolate-prelude.ts';
import { meter } from './meter.ts';
import { bundleStripper } from './typescript/bundle-stripper.ts';
import { readDataSegments } from './wasm/data-segments.ts';
import { addCustomSection, readSections, section } from './wasm/sections.ts';

/*
 * Builds dist/quickjs-sandbox.wasm and asserts both hashes of src/engine/engine-hash.ts; and dist/guest, what the engine
 * v8-isolate runs before a function. Runs from dist/tools.
 * `--accept` writes the new hash of the result into that file instead of failing.
 */

const folder = new URL('../../', import.meta.url);
const hashFile = new URL('src/engine/engine-hash.ts', folder);
const hashes = readFileSync(hashFile, 'utf8');
const pinned = (name: string): string => new RegExp(`${name} = '([0-9a-f]*)'`).exec(hashes)?.[1] ?? '';
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const sourceFile = createRequire(import.meta.url).resolve('quickjs-wasi/quickjs.wasm');
const source = readFileSync(sourceFile);
if (sha256(source) !== pinned('sourceHash'))
  throw new Error(`${sourceFile} is not the pinned engine: ${sha256(source)}`);

const { wasm, points } = meter(source, countedMessages);
const prelude = preludeFiles.map((name) => ({
  name,
  source: readFileSync(new URL(`tools/guest/${name}`, folder), 'utf8'),
}));
const image = await boot(Uint8Array.from(wasm), prelude);
const lowest = Math.min(...readDataSegments(section(readSections(source), 'data')).map(({ address }) => address));
if (lowest < image.stackAtRest) throw new Error('the stack is not what lies lowest in memory');
const stripper = bundleStripper(folder);
const engine = addCustomSection(makeImage(wasm, image, keptExports), 'strip-types', stripper);

const hash = sha256(engine);
if (hash !== pinned('engineHash')) {
  if (!process.argv.includes('--accept')) {
    throw new Error(`the engine's hash is ${hash}, pinned is ${pinned('engineHash')} (see src/engine/engine-hash.ts)`);
  }
  writeFileSync(hashFile, hashes.replace(/(engineHash =\s+')[0-9a-f]*/, `$1${hash}`));
}
writeFileSync(new URL('dist/quickjs-sandbox.wasm', folder), engine);
copyFileSync(new URL('LICENSE', pathToFileURL(sourceFile)), new URL('dist/quickjs-wasi.LICENSE', folder));
const sucrase = createRequire(import.meta.url).resolve('sucrase/package.json');
copyFileSync(new URL('LICENSE', pathToFileURL(sucrase)), new URL('dist/sucrase.LICENSE', folder));
mkdirSync(new URL('dist/guest', folder), { recursive: true });
writeFileSync(new URL('dist/guest/isolate-prelude.js', folder), isolatePrelude(folder));
writeFileSync(new URL('dist/guest/strip-types.js', folder), stripper);
process.stdout.write(
  `engine ${hash.slice(0, 16)}…: ${engine.length} bytes, ${points} metering points, ${image.memory.length} bytes of memory, ${stripper.length} of the stripper\n`,
);
