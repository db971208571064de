import { type ChildProcess, spawn } from 'node:child_process';
import { TeeError } from '@neo-service-layer/tee-interface';
import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Supervised, Supervisor, type SupervisorEvent, type SupervisorOptions } from '../../src/index.ts';
import { until } from '../support/processes.ts';

interface Program extends Supervised {
  child: ChildProcess;
  number: number;
}

/** A supervisor of real processes; `script` is told how many there were before. */
function supervise(script: (number: number) => string, options: Partial<SupervisorOptions<Program>> = {}) {
  const events: SupervisorEvent[] = [];
  let number = 0;
  const supervisor = new Supervisor<Program>({
    launch: async () => {
      const text = script(number);
      if (text === '') throw new TeeError('ERR_ENCLAVE_START', `number ${number++} did not come up`);
      const child = spawn('/bin/sh', ['-c', text], { stdio: 'ignore' });
      const exited = new Promise((resolve) =>
        child.once('exit', (code, signal) => resolve(`ended with ${code ?? signal}`)),
      );
      return { child, number: number++, exited, stop: async () => void (child.kill('SIGKILL') && (await exited)) };
    },
    onEvent: (event) => events.push(event),
    ...options,
    restart: { firstMs: 10, maxMs: 40, stableMs: 60_000, loopEnds: 6, loopWithinMs: 60_000, ...options.restart },
  });
  onTestFinished(() => supervisor.stop());
  const names = (): string[] => events.map(({ event }) => event);
  return { supervisor, events, names };
}

describe('a supervisor', () => {
  test('starts its program and gives calls to it', async () => {
    const { supervisor, names } = supervise(() => 'exec sleep 600');
    const program = await supervisor.start();
    expect(program.number).toBe(0);
    expect(await supervisor.call(async ({ number }) => number + 1)).toBe(1);
    expect(names()).toEqual(['starting', 'ready']);
    await supervisor.stop();
    expect(program.child.signalCode).toBe('SIGKILL');
    expect(supervisor.metrics().state).toBe('stopped');
  });

  test('starts it again when it ends, with growing pauses up to a cap', async () => {
    const { supervisor, events } = supervise((number) => (number < 4 ? 'exit 1' : 'exec sleep 600'));
    await supervisor.start();
    await until(() => supervisor.metrics().starts === 5 && supervisor.metrics().state === 'ready', 'the fifth start');
    expect(events.flatMap((event) => (event.event === 'restarting' ? [event.inMs] : []))).toEqual([10, 20, 40, 40]);
    expect(supervisor.metrics()).toMatchObject({ lost: 4, lastReason: 'ended with 1' });
  });

  test('starts it again when it does not come up', async () => {
    const { supervisor, names } = supervise((number) => (number < 2 ? '' : 'exec sleep 600'));
    expect((await supervisor.start()).number).toBe(2);
    expect(names().filter((name) => name === 'start-failed')).toHaveLength(2);
  });

  test('gives up on a crash loop, and says so to everybody who waits', async () => {
    const { supervisor, names } = supervise(() => '', { restart: { loopEnds: 3 } });
    const errors = await Promise.all([
      thrownBy(() => supervisor.start()),
      thrownBy(() => supervisor.call(async () => 1)),
    ]);
    expect(errors.map(({ code }) => code)).toEqual(['ERR_ENCLAVE_START', 'ERR_ENCLAVE_START']);
    expect(names().at(-1)).toBe('crash-loop');
    expect((await thrownBy(() => supervisor.call(async () => 1))).code).toBe('ERR_ENCLAVE_START');
  });

  test('ends calls in flight at once when the enclave is lost', async () => {
    const { supervisor } = supervise(() => 'exec sleep 600');
    const { child } = await supervisor.start();
    const call = supervisor.call(() => new Promise(() => {}));
    await until(() => supervisor.metrics().calls === 1, 'the call');
    child.kill('SIGKILL');
    expect((await thrownBy(() => call)).code).toBe('ERR_ENCLAVE_LOST');
    expect(supervisor.metrics().lostCalls).toBe(1);
  });

  test('repeats a lost call only when it may be done twice', async () => {
    const { supervisor } = supervise(() => 'exec sleep 600');
    await supervisor.start();
    const dying =
      (done: number[]) =>
      async ({ child, number }: Program) => {
        done.push(number);
        if (done.length === 1) child.kill('SIGKILL');
        return done.length === 1 ? await new Promise<number>(() => {}) : number;
      };
    const twice: number[] = [];
    expect(await supervisor.call(dying(twice), { idempotent: true })).toBe(1);
    const once: number[] = [];
    expect((await thrownBy(() => supervisor.call(dying(once)))).code).toBe('ERR_ENCLAVE_LOST');
    expect([twice, once]).toEqual([[0, 1], [1]]);
  });

  test('repeats it also when the call noticed the loss first', async () => {
    const { supervisor } = supervise(() => 'exec sleep 600');
    await supervisor.start();
    const result = await supervisor.call(
      async ({ number }) => {
        if (number === 0) throw new TeeError('ERR_ENCLAVE_LOST', 'the link closed');
        return number;
      },
      { idempotent: true },
    );
    expect(result).toBe(1);
  });

  test('leaves an error of the call itself alone', async () => {
    const { supervisor } = supervise(() => 'exec sleep 600');
    const call = supervisor.call(
      async () => {
        throw new TeeError('ERR_JS_USER', 'thrown');
      },
      { idempotent: true },
    );
    await supervisor.start();
    expect((await thrownBy(() => call)).code).toBe('ERR_JS_USER');
    expect(supervisor.metrics().starts).toBe(1);
  });

  test('restarts a program that lives but fails its probes, not one that fails a single one', async () => {
    let failing = 1;
    const { supervisor, events } = supervise(() => 'exec sleep 600', {
      probe: async ({ number }) => {
        if (number === 0 && failing-- > 0) throw new Error('unwell');
        if (number === 0 && failing < -3) await new Promise(() => {});
      },
      probing: { intervalMs: 5, timeoutMs: 20, failures: 2 },
    });
    await supervisor.start();
    await until(() => supervisor.metrics().starts === 2, 'the restart');
    const failures = events.flatMap((event) => (event.event === 'probe-failed' ? [event.inSequence] : []));
    expect(failures).toEqual([1, 1, 2]);
    expect(supervisor.metrics().lastReason).toMatch(/no answer within 20 ms/);
  });

  test('does not count an enclave lost by a suspend towards a crash loop', async () => {
    const lostReport = {
      ...{ kind: 'failed', code: null, signal: null, stdoutTail: '', stderrTail: '' },
      diagnosis: { evidence: '0x4', meaning: 'the enclave was lost', hint: '', restartable: true },
    };
    let started = 0;
    const supervisor = new Supervisor<Supervised & { number: number }>({
      launch: async () => {
        const number = started++;
        return {
          number,
          exited: number < 5 ? Promise.resolve(lostReport) : new Promise(() => {}),
          stop: async () => {},
        };
      },
      restart: { firstMs: 1, maxMs: 2, loopEnds: 2 },
    });
    await supervisor.start();
    await until(() => started === 6 && supervisor.metrics().state === 'ready', 'the sixth start');
    expect(supervisor.metrics()).toMatchObject({
      lost: 5,
      lastReason: expect.stringContaining('the enclave was lost'),
    });
    await supervisor.stop();
  });

  test('takes a program that does not become ready in time for failed, and stops it when it comes after all', async () => {
    const ends: number[] = [];
    let number = 0;
    const supervisor = new Supervisor<Supervised & { number: number }>({
      launch: async (signal) => {
        const mine = number++;
        if (mine === 0) await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { number: mine, exited: new Promise(() => {}), stop: async () => void ends.push(mine) };
      },
      readyWithinMs: 100,
      restart: { firstMs: 1 },
    });
    expect((await supervisor.start()).number).toBe(1);
    await until(() => ends.includes(0), 'the end of the late one');
    expect(supervisor.metrics()).toMatchObject({ startFailures: 1, starts: 2 });
    await supervisor.stop();
    expect(ends).toEqual([0, 1]);
  });

  test('outlives an observer that throws, and a program that throws when it is stopped', async () => {
    const supervisor = new Supervisor<Supervised>({
      launch: async () => ({
        exited: new Promise(() => {}),
        stop: () => {
          throw new Error('of the program');
        },
      }),
      onEvent: () => {
        throw new Error('of the observer');
      },
    });
    await supervisor.start();
    expect(await supervisor.call(async () => 1)).toBe(1);
    await supervisor.stop();
    expect(supervisor.metrics()).toMatchObject({ state: 'stopped', eventErrors: 3 });
  });

  test('that is stopped while it starts or pauses leaves nothing behind', async () => {
    const paused = supervise(() => '', { restart: { firstMs: 60_000 } });
    const waiting = thrownBy(() => paused.supervisor.start());
    await until(() => paused.supervisor.metrics().state === 'waiting', 'the pause');
    await paused.supervisor.stop();
    expect((await waiting).code).toBe('ERR_DISPOSED');

    const starting = supervise(() => 'exec sleep 600');
    const start = thrownBy(() =>
      starting.supervisor.start().then(() => Promise.reject(new TeeError('ERR_DISPOSED', ''))),
    );
    await starting.supervisor.stop();
    expect((await start).code).toBe('ERR_DISPOSED');
    expect(starting.supervisor.metrics().state).toBe('stopped');
  });
});
