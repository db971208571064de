import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { JsonValue } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { HostServices } from '../../src/capabilities/host-services.ts';
import { defaultJavaScriptLimits, OcclumJavaScriptExecution, type StorageCapability } from '../../src/index.ts';
import { IsolatePool } from '../../src/isolate/isolate-pool.ts';
import { onEngine } from '../engines.ts';
import { callOf, resultOf, sandbox } from '../sandbox.ts';

const engine = 'v8-isolate';
const built = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
const endless = 'function main() { for (;;); }';
/** A loop inside one built-in: V8 does not let itself be stopped there. */
const stuck = 'function main() { return Array.from({ length: 4e9 }, () => 0).length; }';
const slow = `async function main() { await new Promise((done) => setTimeout(done, 1500)); return 'slow'; }`;

/** The processes of engines that a process has started, by their numbers. */
function processesOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, after = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ');
        const ours = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('isolate-process');
        return ours && after.split(' ')[1] === String(parent);
      } catch {
        return false;
      }
    });
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(10);
}

const isGone = (pid: number) =>
  !existsSync(`/proc/${pid}/cmdline`) || readFileSync(`/proc/${pid}/cmdline`).length === 0;

onEngine(engine, () => {
  describe('a call that does not stop', () => {
    it('ends with its process, and the calls of the same tenant beside it run once more', {
      timeout: 60_000,
    }, async () => {
      const execution = await sandbox({ engine });
      const beside = resultOf(execution, slow, { capabilities: ['timers'] });
      await until(() => execution.stats().busy === 1);
      const limits = { timeoutMs: 300, memoryBytes: 64 * 1024 * 1024 };
      const started = Date.now();
      const { code } = await thrownBy(() => resultOf(execution, stuck, { limits }));
      expect(code).toMatch(/^ERR_JS_(?:TIMEOUT|MEMORY)$/);
      expect(Date.now() - started).toBeLessThan(4_000);
      expect(await beside).toBe('slow');
      expect(await resultOf(execution, 'const main = () => 2;')).toBe(2);
    });

    it('is stopped alone where V8 lets it', { timeout: 60_000 }, async () => {
      const execution = await sandbox({ engine });
      const beside = resultOf(execution, slow, { capabilities: ['timers'] });
      await until(() => execution.stats().busy === 1);
      const error = await thrownBy(() => resultOf(execution, endless, { limits: { timeoutMs: 100 } }));
      expect(error.code).toBe('ERR_JS_TIMEOUT');
      expect(await beside).toBe('slow');
      expect(execution.stats()).toMatchObject({ workers: 1, replacedWorkers: 0, calls: 2, failures: 1 });
    });
  });

  describe('a process that is lost', () => {
    const call = { capabilities: ['timers' as const] };

    it('takes no call along that asked the host for nothing, and each other one once', {
      timeout: 60_000,
    }, async () => {
      const asked: string[] = [];
      const storage: StorageCapability = {
        get: async (key) => void asked.push(key),
        put: async () => undefined,
        delete: async () => false,
        list: async () => [],
      };
      const execution = await sandbox({ engine });
      const before = new Set(processesOf(process.pid));
      const quiet = resultOf(execution, slow, call);
      const asking = thrownBy(() =>
        resultOf(execution, slow.replace('await', `await storage.get('k'); await`), { ...call, storage }),
      );
      await until(() => execution.stats().busy === 2 && asked.length === 1);
      for (const pid of processesOf(process.pid)) if (!before.has(pid)) process.kill(pid, 'SIGKILL');
      expect((await asking).code).toBe('ERR_JS_ENGINE_LOST');
      expect(await quiet).toBe('slow');
      expect(asked).toEqual(['k']);
    });

    it('twice with the same call is the end of that call', { timeout: 60_000 }, async () => {
      const execution = await sandbox({ engine });
      const lost = thrownBy(() => resultOf(execution, slow, call));
      for (let round = 0; round < 2; round += 1) {
        await until(() => execution.stats().busy === 1);
        for (const pid of processesOf(process.pid)) process.kill(pid, 'SIGKILL');
        await until(() => execution.stats().busy === 0);
      }
      expect((await lost).code).toBe('ERR_JS_ENGINE_LOST');
      expect(await resultOf(execution, 'const main = () => 1;')).toBe(1);
    });

    it('before it came up is tried again more and more slowly, and calls end after the third', {
      timeout: 60_000,
    }, async () => {
      const program = new URL('file:///nowhere/program.js');
      const pool = await IsolatePool.start({ processes: 1, queueLength: 4, program });
      const guest = { code: '', kind: 'script', files: {}, capabilities: [], tenant: 'u', nowMs: 0, seed: 1n } as const;
      const started = Date.now();
      const outcome = await pool.call(
        { ...guest, payload: new Uint8Array(4), limits: defaultJavaScriptLimits },
        new HostServices({}),
      );
      expect(outcome).toMatchObject({ status: 'failed', code: 'ERR_JS_ENGINE_LOST' });
      expect(Date.now() - started).toBeGreaterThan(150);
      await pool.close();
    });
  });

  describe('tenants', () => {
    it('never share a process: one that waits gets the place of one that is idle', { timeout: 60_000 }, async () => {
      const execution = await sandbox({ engine });
      const of = (userId: string) => resultOf(execution, 'const main = (i, s, f, user) => user;', { userId });
      expect(await of('alice')).toBe('alice');
      expect(await of('alice')).toBe('alice');
      expect(execution.stats().replacedWorkers).toBe(0);
      expect(await of('bob')).toBe('bob');
      await until(() => execution.stats().replacedWorkers === 1);
    });

    it('that keep a process busy let another have it in turn', { timeout: 60_000 }, async () => {
      const execution = await sandbox({ engine });
      const order: string[] = [];
      const work = 'function main() { let n = 0; while (n < 3e7) n += 1; return n; }';
      const calls = ['greedy', ...Array.from({ length: 10 }, () => 'greedy'), 'modest'].map(async (userId) => {
        await resultOf(execution, work, { userId, limits: { timeoutMs: 60_000 } });
        order.push(userId);
      });
      await Promise.all(calls);
      expect(order.indexOf('modest')).toBeLessThan(8);
    });

    it('run beside each other in processes of their own', { timeout: 60_000 }, async () => {
      const execution = await sandbox({ engine, workers: 2 });
      const calls = ['alice', 'bob'].map((userId) => resultOf(execution, slow, { userId, capabilities: ['timers'] }));
      await until(() => execution.stats().busy === 2);
      expect(execution.stats().workers).toBe(2);
      expect(await Promise.all(calls)).toEqual(['slow', 'slow']);
    });
  });

  describe('the engine', () => {
    it('runs four calls of a tenant at a time, and refuses more than may wait', { timeout: 60_000 }, async () => {
      const execution = await sandbox({ engine, queueLength: 2 });
      const call = () => resultOf(execution, slow, { capabilities: ['timers'] });
      const running: Promise<JsonValue>[] = [];
      for (let i = 0; i < 4; i += 1) {
        running.push(call());
        await until(() => execution.stats().busy === i + 1);
      }
      running.push(call(), call());
      await until(() => execution.stats().queued === 2);
      expect(execution.stats().busy).toBe(4);
      expect((await thrownBy(call)).code).toBe('ERR_BUSY');
      expect(await Promise.all(running)).toEqual(Array.from({ length: 6 }, () => 'slow'));
    });

    it('without a queue takes call after call, of one tenant and of another', { timeout: 60_000 }, async () => {
      const execution = await sandbox({ engine, queueLength: 0 });
      for (const userId of ['alice', 'alice', 'bob', 'alice']) {
        expect(await resultOf(execution, 'const main = (i, s, f, user) => user;', { userId })).toBe(userId);
      }
      const busy = resultOf(execution, slow, { userId: 'alice', capabilities: ['timers'] });
      await until(() => execution.stats().busy === 1);
      expect((await thrownBy(() => resultOf(execution, 'const main = () => 1;', { userId: 'bob' }))).code).toBe(
        'ERR_BUSY',
      );
      expect(await busy).toBe('slow');
    });

    it('gives up a call on the caller’s signal: running, waiting, or not yet begun', { timeout: 60_000 }, async () => {
      const execution = await sandbox({ engine });
      const controller = new AbortController();
      const { signal } = controller;
      const calls = Array.from({ length: 6 }, () => thrownBy(() => resultOf(execution, endless, { signal })));
      await until(() => execution.stats().busy === 4);
      controller.abort();
      const late = thrownBy(() => resultOf(execution, endless, { signal }));
      for (const error of await Promise.all([...calls, late])) expect(error.code).toBe('ERR_JS_ABORTED');
      await until(() => execution.stats().busy === 0);
      expect(await resultOf(execution, 'const main = () => 3;')).toBe(3);
    });

    it('that is closed ends its processes, and the calls in them', { timeout: 60_000 }, async () => {
      const execution = await OcclumJavaScriptExecution.create({ engine, workers: 1 });
      const before = new Set(processesOf(process.pid));
      const call = thrownBy(() => resultOf(execution, endless));
      await until(() => execution.stats().busy === 1);
      const own = processesOf(process.pid).filter((pid) => !before.has(pid));
      await execution.close();
      expect((await call).code).toBe('ERR_JS_ENGINE_LOST');
      expect(own.length).toBeGreaterThan(0);
      expect(own.every(isGone)).toBe(true);
      expect((await thrownBy(() => resultOf(execution, endless))).code).toBe('ERR_DISPOSED');
    });

    it('refuses a limit that it does not have, rather than not to keep it', async () => {
      const execution = await sandbox();
      for (const limits of [{ gas: 5_000_000 }, { stackBytes: 65_536 }]) {
        const call = callOf('const main = () => 1;', { engine, limits });
        expect((await thrownBy(() => execution.executeJavaScript(call))).code).toBe('ERR_INVALID_ARGUMENT');
      }
      expect(execution.stats(engine)).toMatchObject({ workers: 0, calls: 0 });
    });

    it('is chosen call by call, beside the other', async () => {
      const execution = await sandbox();
      const code = 'const main = () => typeof Error.captureStackTrace;';
      expect(await resultOf(execution, code, { engine })).toBe('function');
      const { gasUsed } = await execution.executeJavaScript(callOf(code));
      expect(gasUsed).toBeGreaterThan(0);
      expect([execution.stats().calls, execution.stats(engine).calls]).toEqual([1, 1]);
    });

    it('gives its processes no environment, no file and no line but its own', { timeout: 60_000 }, async () => {
      const execution = await sandbox({ engine });
      expect(await resultOf(execution, 'const main = () => 1;')).toBe(1);
      const [pid = 0] = processesOf(process.pid).slice(-1);
      await until(() => readFileSync(`/proc/${pid}/environ`, 'utf8') !== '');
      expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe('TZ=UTC\0');
    });

    it('leaves nothing running when its program is killed, endless guests neither', { timeout: 60_000 }, async () => {
      const program = `
        import { OcclumJavaScriptExecution } from ${JSON.stringify(built)};
        const execution = await OcclumJavaScriptExecution.create({ workers: 1, engine: 'v8-isolate' });
        execution.executeJavaScript({ code: ${JSON.stringify(endless)}, input: null, secrets: {}, functionId: 'f', userId: 'u', limits: { timeoutMs: 600000 } });
        setInterval(() => process.stdout.write(execution.stats().busy + '\\n'), 20);`;
      const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      parent.stdout.on('data', (piece) => {
        said += piece;
      });
      await until(() => said.includes('1\n'));
      const children = processesOf(parent.pid ?? 0);
      expect(children.length).toBeGreaterThan(0);
      parent.kill('SIGKILL');
      await until(() => children.every(isGone));
    });
  });
});

describe('without isolated-vm', () => {
  it('the engine says what to install, at the first call that names it or at once', { timeout: 60_000 }, async () => {
    const program = `
      import { OcclumJavaScriptExecution } from ${JSON.stringify(built)};
      const told = ({ code, expected, hint }) => console.log(JSON.stringify([code, expected, hint.includes('npm install isolated-vm@5.0.4')]));
      await OcclumJavaScriptExecution.create({ workers: 1, engine: 'v8-isolate' }).catch(told);
      const execution = await OcclumJavaScriptExecution.create({ workers: 1 });
      const call = { code: 'const main = () => 1;', input: null, secrets: {}, functionId: 'f', userId: 'u' };
      await execution.executeJavaScript({ ...call, engine: 'v8-isolate' }).catch(told);
      console.log((await execution.executeJavaScript(call)).result);
      await execution.executeJavaScript({ ...call, engine: 'v9' }).catch(({ code }) => console.log(code));
      await execution.close();`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { PATH: process.env['PATH'] },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (piece) => {
      said += piece;
    });
    await new Promise((resolve) => child.on('close', resolve));
    const told = '["ERR_JS_ENGINE_MISSING","isolated-vm 5.0.4",true]';
    expect(said.trim().split('\n')).toEqual([told, told, '1', 'ERR_INVALID_ARGUMENT']);
  });
});
