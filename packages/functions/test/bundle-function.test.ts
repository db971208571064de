import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import { type JsonValue, TeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BundledFunction, bundleFunction, originalDetails } from '../src/bundle/index.ts';

const files = fileURLToPath(new URL('./files/', import.meta.url));
let sandbox: OcclumJavaScriptExecution;
let folder: string;

beforeAll(async () => {
  sandbox = await OcclumJavaScriptExecution.create({ workers: 1, spareWorkers: 0 });
  folder = await mkdtemp(join(tmpdir(), 'functions-'));
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

const runs = async ({ deployment }: BundledFunction, input: JsonValue, secrets: Record<string, JsonValue> = {}) => {
  const { code, kind = 'module' } = deployment;
  return sandbox.executeJavaScript({ code, kind, input, secrets, functionId: 'test', userId: 'tester' });
};
const written = async (name: string, text: string) => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};
const define = (main: string, more = '') =>
  `import { defineFunction } from '@neo-service-layer/functions';\nimport * as z from 'zod/mini';\n${more}\nexport default defineFunction({ input: z.unknown(), output: z.any(), ${main} });\n`;

describe('a function defined in TypeScript', () => {
  it('runs in the sandbox, with what it imports', async () => {
    const bundled = await bundleFunction(join(files, 'price.ts'));
    const { result } = await runs(bundled, { prices: [10, 30, 20] }, { margin: '0.5' });
    expect(result).toEqual({ price: 30 });
  });

  it.each([
    ['another type', { prices: [1, 'two'] }, 'input.prices[1]: Invalid input, expected number'],
    ['nothing', null, 'input'],
    ['what a check refuses', { prices: [] }, 'input.prices'],
  ])('does not run on an input of %s, and says where it is wrong', async (_what, input, path) => {
    const bundled = await bundleFunction(join(files, 'price.ts'));
    const error = await thrownBy(() => runs(bundled, input, { margin: '0' }));
    expect(error).toMatchObject({ code: 'ERR_JS_USER', details: { name: 'InputError' } });
    expect(String(error)).toContain(path);
  });

  it('does not run without a secret that it names, nor with one that is no text', async () => {
    const bundled = await bundleFunction(join(files, 'price.ts'));
    for (const secrets of [{}, { margin: 5 }]) {
      const error = await thrownBy(() => runs(bundled, { prices: [1] }, secrets));
      expect(error).toMatchObject({ code: 'ERR_JS_USER', details: { name: 'SecretError' } });
    }
  });

  it('gives nothing away that its output does not promise', async () => {
    const bundled = await bundleFunction(join(files, 'faulty.ts'));
    const error = await thrownBy(() => runs(bundled, { what: 'wrong output' }));
    expect(error).toMatchObject({ code: 'ERR_JS_USER', details: { name: 'OutputError' } });
    const strict = await bundleFunction(
      await written(
        'extra.ts',
        define('main: () => 0').replace(
          'output: z.any(), main: () => 0',
          "output: z.object({ shown: z.number() }), main: () => ({ shown: 1, hidden: 'secret' })",
        ),
      ),
    );
    expect((await runs(strict, null)).result).toEqual({ shown: 1 });
  });

  it('has a contract: what it takes and gives as JSON Schema, its secrets and grants', async () => {
    const { contract, contractHash, deployment } = await bundleFunction(join(files, 'price.ts'));
    expect(contract).toMatchObject({
      input: { type: 'object', properties: { prices: { type: 'array', minItems: 1 } } },
      output: { properties: { price: { type: 'number' } } },
      ...{ secrets: ['margin'], capabilities: [], http: [], storage: false },
    });
    expect(deployment).toMatchObject({ secrets: ['margin'], contract: contractHash, kind: 'module' });
    const granted = await bundleFunction(
      await written(
        'granted.ts',
        define("capabilities: ['crypto'], http: { allow: ['a.org'] }, storage: true, main: () => 1"),
      ),
    );
    expect(granted.deployment).toMatchObject({ capabilities: ['crypto'], http: { allow: ['a.org'] }, storage: true });
    expect(granted.contractHash).not.toBe(contractHash);
  });

  it('is the same bytes in whatever folder, and others when a file it imports changes', async () => {
    const other = join(folder, 'a', 'deeper folder');
    await mkdir(other, { recursive: true });
    await cp(files, other, { recursive: true });
    const [one, two] = await Promise.all([join(files, 'price.ts'), join(other, 'price.ts')].map(bundleFunction));
    expect(two?.deployment).toEqual(one?.deployment);
    await writeFile(join(other, 'median.ts'), 'export const median = (values: number[]) => values[0] ?? 0;');
    const changed = await bundleFunction(join(other, 'price.ts'));
    expect(changed.deployment.code).not.toBe(one?.deployment.code);
    expect(changed.contractHash).toBe(one?.contractHash);
  });

  it('takes packages that are pure JavaScript from its project, and refuses those that need Node', async () => {
    const modules = join(folder, 'node_modules');
    for (const [name, text] of Object.entries({
      pure: 'export const twice = (n) => 2 * n;',
      impure: "import 'node:fs'; export const x = 1;",
    })) {
      await mkdir(join(modules, name), { recursive: true });
      await writeFile(join(modules, name, 'package.json'), JSON.stringify({ name, type: 'module', main: 'index.js' }));
      await writeFile(join(modules, name, 'index.js'), text);
    }
    const pure = await bundleFunction(
      await written('pure.ts', define('main: () => twice(21)', "import { twice } from 'pure';")),
    );
    expect((await runs(pure, null)).result).toBe(42);
    const impure = await written('impure.ts', define('main: () => x', "import { x } from 'impure';"));
    const error = await thrownBy(() => bundleFunction(impure));
    expect(error).toMatchObject({ code: 'ERR_JS_SYNTAX' });
    expect(String(error)).toMatch(/"node:fs" is a module of Node.*impure/);
  });

  it.each(['fs', 'node:crypto', './addon.node', './engine.wasm'])('may not import %s', async (name) => {
    const file = await written('wrong.ts', define('main: () => 1', `import '${name}';`));
    expect(await thrownBy(() => bundleFunction(file))).toMatchObject({ code: 'ERR_JS_SYNTAX' });
  });

  it('is no function when the file exports none, does not parse, or fails when it is loaded', async () => {
    const none = await written('none.ts', "import '@neo-service-layer/functions'; export default { hello: 1 };");
    expect(await thrownBy(() => bundleFunction(none))).toMatchObject({ code: 'ERR_INVALID_ARGUMENT' });
    const broken = await written('broken.ts', 'export default {\n  main( {\n};');
    expect(await thrownBy(() => bundleFunction(broken))).toMatchObject({ code: 'ERR_JS_SYNTAX', details: { line: 3 } });
    const throws = await written('throws.ts', define('main: () => 1', "throw new Error('on load');"));
    expect(await thrownBy(() => bundleFunction(throws))).toMatchObject({ code: 'ERR_JS_USER' });
  });

  it('cannot reach the machine while its contract is read', async () => {
    const file = await written(
      'nosy.ts',
      define('main: () => 1', 'if (typeof process !== "undefined") throw new Error("a process");'),
    );
    await expect(bundleFunction(file)).resolves.toMatchObject({ contract: { storage: false } });
  });
});

describe('an error in a bundled function', () => {
  it('names the line and column of the file that its author wrote', async () => {
    const bundled = await bundleFunction(join(files, 'faulty.ts'));
    const error = await thrownBy(() => runs(bundled, { what: 'throw' }));
    if (!(error instanceof TeeError)) throw error;
    const details = originalDetails(error.details ?? {}, bundled);
    expect(details).toMatchObject({
      line: 9,
      excerpt: {
        file: 'faulty.ts',
        line: 9,
        text: "  if (account.owner === null) throw new RangeError('nobody owns it');",
      },
    });
    expect(details['frames']).toContainEqual(expect.objectContaining({ file: 'faulty.ts', line: 16 }));
  });

  it('has no place when none of its frames is in the author’s files', async () => {
    const bundled = await bundleFunction(join(files, 'faulty.ts'));
    const error = await thrownBy(() => runs(bundled, { what: 'neither' }));
    if (!(error instanceof TeeError)) throw error;
    expect(originalDetails(error.details ?? {}, bundled)).not.toHaveProperty('excerpt');
  });
});
