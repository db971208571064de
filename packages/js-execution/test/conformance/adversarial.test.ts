import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { isTeeError, type JsonValue } from '@neo-service-layer/tee-interface';
import { sharedFolder } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { callOf, sandbox } from '../sandbox.ts';
import { differs } from './differences.ts';

onEveryEngine(async (engine) => {
  const folder = sharedFolder('adversarial');
  const mib = 1024 * 1024;
  const limits = { memoryBytes: 64 * mib, resultBytes: mib, logBytes: 64 * 1024 };
  const stopped = ['ERR_JS_TIMEOUT', 'ERR_JS_GAS'];
  /** Only programs that never end meet the clock: on a busy machine the others may take long to get to their own end. */
  const timeLimit = (codes: readonly string[]) => (codes.includes('ERR_JS_TIMEOUT') ? 1_500 : 20_000);

  /** The right outcome of each program (INDEX.md): codes of failure, or the value. */
  const outcomes: [file: string, codes: string[], value?: JsonValue][] = [
    ['01-spin-forever', stopped],
    ['02-promise-never-settles', ['ERR_JS_NEVER_SETTLED']],
    ['03-microtask-storm', [...stopped, 'ERR_JS_MEMORY']],
    ['04-array-bomb', ['ERR_JS_MEMORY']],
    ['05-typed-array-bomb', differs(engine, 'buffers') ? ['ERR_JS_USER'] : ['ERR_JS_MEMORY']],
    ['06-string-doubling', ['ERR_JS_MEMORY']],
    ['07-deep-recursion', [], { caught: 20, sane: true }],
    ['08-regex-backtracking', stopped],
    ['09-poison-builtins', [], 'poisoned'],
    ['10-stash-between-calls', [], { seen: [], n: 1, kept: 1 }],
    ['11-constructor-climb', [], { found: [] }],
    ['12-host-object-climb', [], { found: [] }],
    ['13-huge-result', ['ERR_JS_OUTPUT_LIMIT']],
    ['14-console-flood', [], 'done'],
    ['15-cyclic-result', ['ERR_JS_NOT_SERIALIZABLE']],
    ['16-awkward-values', ['ERR_JS_NOT_SERIALIZABLE']],
    ['17-throws-odd-things', ['ERR_JS_USER']],
    ['18-error-position', ['ERR_JS_USER']],
    ['19-stray-rejection', [], 42],
    ['20-hostile-serialise', stopped],
  ];

  /** Allowance for a machine that does other work at the same time. */
  const slowness = 2_000;

  interface Answer {
    code: string;
    value: JsonValue;
    details: Record<string, JsonValue>;
    everything: string;
    tookMs: number;
  }

  describe.skipIf(folder === null)('hostile programs (shared folder adversarial)', async () => {
    const execution = await sandbox({ engine, workers: 2 });
    const sourceOf = (file: string) => readFileSync(join(folder ?? '', `${file}.js`), 'utf8');

    const answerOf = async (file: string): Promise<Answer> => {
      const codes = outcomes.find(([name]) => name === file)?.[1] ?? [];
      const call = callOf(sourceOf(file), {
        input: { name: 'bob' },
        secrets: { k: 'SEKRET-1234' },
        userId: 'mallory',
        limits: { ...limits, timeoutMs: timeLimit(codes) },
      });
      const started = performance.now();
      let answer: Omit<Answer, 'tookMs'>;
      try {
        const { result, ...rest } = await execution.executeJavaScript(call);
        answer = {
          code: '',
          value: result,
          details: JSON.parse(JSON.stringify(rest)),
          everything: JSON.stringify([result, rest]),
        };
      } catch (error) {
        if (!isTeeError(error)) throw error;
        answer = { code: error.code, value: null, details: error.details ?? {}, everything: JSON.stringify(error) };
      }
      expect(call.input, 'the caller’s input is untouched').toEqual({ name: 'bob' });
      expect(Object.isFrozen(call.input)).toBe(false);
      return { ...answer, tookMs: performance.now() - started };
    };

    const probe = async () => {
      const code = `async function main(input, secrets, f, user) {
      await null;
      return [[1, 2].map((n) => n * 2), JSON.parse('{"a":1}'), \`\${user}\`, typeof main, {}.isAdmin ?? null, [...'ab']];
    }`;
      const { result } = await execution.executeJavaScript(callOf(code, { userId: 'alice', limits }));
      expect(result).toEqual([[2, 4], { a: 1 }, 'alice', 'function', null, ['a', 'b']]);
    };

    it.each(outcomes)(
      '%s ends as it should, twice, and harms nobody',
      { timeout: 90_000 },
      async (file, codes, value) => {
        for (let round = 0; round < 2; round += 1) {
          const [answer] = await Promise.all([answerOf(file), probe()]);
          if (codes.length > 0) expect(codes).toContain(answer.code);
          else expect([answer.code, answer.value]).toEqual(['', value]);
          expect(answer.tookMs).toBeLessThan(timeLimit(codes) + 500 + slowness);
          expect(answer.everything).not.toContain('SEKRET-1234');
          expect(answer.everything).not.toMatch(/node:internal|node_modules|<sandbox>|\/(?:tmp|home|usr|work|root)\//);
          await Promise.all([probe(), probe()]);
        }
      },
    );

    it('keep what they logged before they got stuck', async () => {
      expect((await answerOf('02-promise-never-settles')).details['logs']).toEqual([
        { level: 'log', message: 'before' },
      ]);
    });

    it('get no more of the log than its limit, in good time, with a count of what was dropped', async () => {
      const { details, tookMs } = await answerOf('14-console-flood');
      expect(Buffer.byteLength(JSON.stringify(details['logs']))).toBeLessThan(4 * 64 * 1024);
      expect(Number(details['droppedLogs'])).toBeGreaterThan(18_000);
      expect(tookMs).toBeLessThan(1_000 + slowness);
    });

    it('are told where their result is at fault', async () => {
      expect((await answerOf('15-cyclic-result')).details['path']).toBe('b.a');
      expect((await answerOf('16-awkward-values')).details['path']).toBe('big');
    });

    it('get their own frames and positions', async () => {
      const { details } = await answerOf('18-error-position');
      expect(details).toMatchObject({
        name: 'TypeError',
        line: 7,
        frames: [
          { file: 'main.js', line: 7 },
          { function: 'map' },
          { function: 'helper', file: 'main.js', line: 7 },
          { function: 'main', file: 'main.js', line: 10 },
        ],
      });
    });

    it('have their stray rejections listed', async () => {
      const { details } = await answerOf('19-stray-rejection');
      expect(details['logs']).toEqual([
        { level: 'warn', message: 'Unhandled rejection: Error: nobody is listening' },
        ...(differs(engine, 'strays')
          ? []
          : [{ level: 'warn', message: 'Unhandled rejection: TypeError: late and alone' }]),
      ]);
    });

    it('leave the host’s memory and built-ins as they were', { timeout: 90_000 }, async () => {
      const before = process.memoryUsage().rss;
      for (const file of ['04-array-bomb', '05-typed-array-bomb', '06-string-doubling']) await answerOf(file);
      expect(process.memoryUsage().rss - before).toBeLessThan(128 * mib);
      expect('isAdmin' in Object.prototype).toBe(false);
      expect([1].map((n) => n)).toEqual([1]);
    });
  });
});
