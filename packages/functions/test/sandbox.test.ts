import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OcclumJavaScriptExecution } from '@neo-service-layer/js-execution';
import { type JsonValue, TeeError } from '@neo-service-layer/tee-interface';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFunction } from '../src/bundle/index.ts';
import { crypto, http, storage } from '../src/index.ts';

let sandbox: OcclumJavaScriptExecution;
let folder: string;

beforeAll(async () => {
  sandbox = await OcclumJavaScriptExecution.create({ workers: 1, spareWorkers: 0 });
  folder = await mkdtemp(join(tmpdir(), 'sandbox-'));
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true, force: true });
});

async function bundled(main: string, grants = '') {
  const file = join(folder, 'f.ts');
  await writeFile(
    file,
    `import { bytesToHex, crypto, defineFunction, hexToBytes, http, storage } from '@neo-service-layer/functions';
     import * as z from 'zod/mini';
     export default defineFunction({ input: z.any(), output: z.any(), ${grants} main: ${main} });`,
  );
  const { deployment } = await bundleFunction(file);
  return deployment;
}
async function run(main: string, grants = '', more: { storage?: Map<string, JsonValue> } = {}) {
  const { code, kind = 'module', capabilities = [] } = await bundled(main, grants);
  const kept = more.storage;
  const services = kept && {
    storage: {
      get: async (key: string) => kept.get(key),
      put: async (key: string, value: JsonValue) => void kept.set(key, value),
      delete: async (key: string) => kept.delete(key),
      list: async (prefix: string) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
    },
  };
  const call = { code, kind, capabilities, input: null, secrets: {}, functionId: 'f', userId: 'u', ...services };
  return (await sandbox.executeJavaScript(call)).result;
}

describe('what the sandbox grants, by import', () => {
  it('does what the global of that name does', async () => {
    const hash = "async () => bytesToHex(await crypto.hash('sha256', hexToBytes('616263')))";
    expect(await run(hash, "capabilities: ['crypto'],")).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    );
    const kept = new Map<string, JsonValue>([['n', 4]]);
    const count =
      "async () => { await storage.put('m', await storage.get('n')); return [await storage.get('o'), await storage.list()]; }";
    expect(await run(count, 'storage: true,', { storage: kept })).toEqual([null, ['n', 'm']]);
  });

  it.each(["() => crypto.hash('sha256', '')", "() => http.fetch('https://a.org')", "() => storage.get('n')"])(
    'is refused without the grant: %s',
    async (main) => {
      const error = await run(main).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(TeeError);
      expect(error).toMatchObject({ code: 'ERR_JS_CAPABILITY_DENIED' });
    },
  );

  it('says outside of a sandbox that it is not there', () => {
    for (const use of [() => crypto.hash('sha256', ''), () => http.fetch('https://a.org'), () => storage.get('n')])
      expect(use).toThrow('is there in the sandbox only');
  });

  it('weighs nothing in a function that uses none of it', async () => {
    const { code } = await bundled('() => 1');
    expect(code).not.toContain('in the sandbox only');
  });
});
