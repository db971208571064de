import type { JsonValue } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import type { JavaScriptCall, StorageCapability } from '../../src/index.ts';
import { onEveryEngine } from '../engines.ts';
import { callOf, resultOf, sandbox } from '../sandbox.ts';

onEveryEngine(async (engine) => {
  const execution = await sandbox({ engine });
  const failureOf = (code: string, rest: Partial<JavaScriptCall>) => thrownBy(() => resultOf(execution, code, rest));

  function storageOf(kept = new Map<string, JsonValue>()): StorageCapability {
    return {
      get: async (key) => kept.get(key),
      put: async (key, value) => void kept.set(key, value),
      delete: async (key) => kept.delete(key),
      list: async (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
    };
  }

  describe('storage', () => {
    it('keeps JSON values from call to call, where the caller says', async () => {
      const storage = storageOf();
      const write = `async function main() {
      await storage.put('a/1', { n: [1, null] });
      await Promise.all([storage.put('a/2', 'x'), storage.put('b', 0)]);
      return [await storage.delete('b'), await storage.delete('b'), await storage.get('b')];
    }`;
      expect(await resultOf(execution, write, { storage })).toEqual([true, false, null]);
      const read = `const main = async () => [await storage.list('a/'), await storage.get('a/1'), await storage.list()];`;
      expect(await resultOf(execution, read, { storage })).toEqual([['a/1', 'a/2'], { n: [1, null] }, ['a/1', 'a/2']]);
      expect(await resultOf(execution, read, { storage: storageOf() })).toEqual([[], null, []]);
    });

    it('is denied unless granted, refuses what has no JSON form, and keeps to its budget', async () => {
      expect((await failureOf(`const main = () => storage.get('a');`, {})).code).toBe('ERR_JS_CAPABILITY_DENIED');
      const storage = storageOf();
      expect(await failureOf(`const main = () => storage.put('a', undefined);`, { storage })).toMatchObject({
        details: { name: 'TypeError' },
      });
      expect(await failureOf(`const main = () => storage.put('a'.repeat(2000), 1);`, { storage })).toMatchObject({
        details: { name: 'RangeError' },
      });
      const many = `async function main() { for (let i = 0; i < 5; i++) await storage.put('k' + i, i); }`;
      expect(await failureOf(many, { storage, limits: { hostCalls: 4 } })).toMatchObject({
        details: { name: 'RangeError' },
      });
    });

    it('that fails tells the function so, without the host’s words', async () => {
      const broken = { ...storageOf(), get: async () => Promise.reject(new Error('/var/lib/secret-path')) };
      const error = await failureOf(`const main = () => storage.get('a');`, { storage: broken });
      expect(error).toMatchObject({ code: 'ERR_JS_USER', message: 'Error: storage.get failed' });
    });

    it('cannot answer a call that is over', { timeout: 30_000 }, async () => {
      let late = (_value: JsonValue): void => undefined;
      const slow = { ...storageOf(), get: () => new Promise<JsonValue>((resolve) => (late = resolve)) };
      const limits = { timeoutMs: 100 };
      expect((await failureOf(`const main = () => storage.get('a');`, { storage: slow, limits })).code).toBe(
        'ERR_JS_TIMEOUT',
      );
      late('too late');
      const next = `const main = async () => [await storage.get('a'), await storage.get('b')];`;
      expect(await resultOf(execution, next, { storage: storageOf(new Map([['a', 1]])) })).toEqual([1, null]);
    });
  });

  describe('random', () => {
    it('gives the bytes of the caller’s source', async () => {
      const random = { bytes: async (length: number) => new Uint8Array(length).fill(7) };
      const code = `const main = async () => [Array.from(await random.bytes(3)), (await random.bytes(0)).length];`;
      expect(await resultOf(execution, code, { random })).toEqual([[7, 7, 7], 0]);
      expect((await failureOf(code, {})).code).toBe('ERR_JS_CAPABILITY_DENIED');
      expect(await failureOf(`const main = () => random.bytes(-1);`, { random })).toMatchObject({
        details: { name: 'RangeError' },
      });
    });
  });

  describe('timers and requests', () => {
    it('go on side by side', async () => {
      const storage = {
        ...storageOf(),
        get: async () => new Promise<JsonValue>((resolve) => setTimeout(resolve, 60, 'answer')),
      };
      const code = `async function main() {
      const seen = [];
      const asked = storage.get('a').then((value) => seen.push(value));
      await new Promise((resolve) => setTimeout(() => { seen.push('early'); resolve(); }, 5));
      await asked;
      await new Promise((resolve) => setTimeout(() => { seen.push('late'); resolve(); }, 5));
      return seen;
    }`;
      expect(await resultOf(execution, code, { storage, capabilities: ['timers'] })).toEqual([
        'early',
        'answer',
        'late',
      ]);
    });
  });

  describe('eval', () => {
    it('is there for a function it was granted to, every kind of it, and for no other', async () => {
      const code = `async function main() {
      const local = 2;
      const make = [Function, (async () => 0).constructor, (function* () {}).constructor];
      return [eval('local + 1'), (0, eval)('typeof local'), new Function('a', 'return a * 2')(4), await make[1]('return 5')(), [...make[2]('yield 6')()]];
    }`;
      const answer = [3, 'undefined', 8, 5, [6]];
      expect(await resultOf(execution, code, { capabilities: ['eval'] })).toEqual(answer);
      expect(await resultOf(execution, code, { capabilities: ['eval'] })).toEqual(answer);
      expect(await failureOf(code, {})).toMatchObject({ code: 'ERR_JS_USER' });
      expect(await failureOf('const main = () => (() => 0).constructor("return 1")();', {})).toMatchObject({
        details: { name: 'EvalError' },
      });
    });
  });

  describe('capabilities', () => {
    it('take nothing that is none', async () => {
      const call = callOf('const main = () => 1;', JSON.parse('{"capabilities":["network"]}'));
      expect((await thrownBy(() => execution.executeJavaScript(call))).code).toBe('ERR_INVALID_ARGUMENT');
    });
  });
});
