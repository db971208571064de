import { thrownBy } from '@neo-service-layer/testing';
import { describe, expect, it } from 'vitest';
import { onEveryEngine } from '../engines.ts';
import { callOf, resultOf, sandbox } from '../sandbox.ts';

onEveryEngine(async (engine) => {
  const execution = await sandbox({ engine });
  const run = (code: string) => resultOf(execution, code, { capabilities: ['timers'] });

  describe('timers', () => {
    it('fire in the order of their time, then of their start, with their arguments', async () => {
      const code = `function main() {
      const seen = [];
      return new Promise((resolve) => {
        setTimeout((...given) => seen.push(given), 20, 'late', 1);
        setTimeout(() => seen.push('first'), 10);
        setTimeout(() => seen.push('second'), 10);
        clearTimeout(setTimeout(() => seen.push('never'), 5));
        setTimeout(() => resolve(seen), 30);
      });
    }`;
      expect(await run(code)).toEqual(['first', 'second', ['late', 1]]);
    });

    it('repeat until they are cleared, also from within', async () => {
      const code = `function main() {
      let n = 0;
      return new Promise((resolve) => {
        const id = setInterval(() => { n += 1; if (n === 3) { clearInterval(id); setTimeout(() => resolve(n), 20); } }, 2);
      });
    }`;
      expect(await run(code)).toBe(3);
    });

    it('really wait', async () => {
      const started = Date.now();
      await run('const main = () => new Promise((resolve) => setTimeout(resolve, 80));');
      expect(Date.now() - started).toBeGreaterThanOrEqual(79);
    });

    it('report an exception of their callback in the log', async () => {
      const code =
        'const main = () => new Promise((r) => { setTimeout(() => { throw new Error("x"); }, 1); setTimeout(r, 5); });';
      const { logs } = await execution.executeJavaScript(callOf(code, { capabilities: ['timers'] }));
      expect(logs).toEqual([{ level: 'warn', message: 'Uncaught in a timer: Error: x' }]);
    });

    it('do not outlast the deadline, and are denied unless granted', async () => {
      const code = 'const main = () => new Promise((resolve) => setTimeout(resolve, 1e7));';
      const limits = { timeoutMs: 100 };
      const late = await thrownBy(() => resultOf(execution, code, { capabilities: ['timers'], limits }));
      expect(late.code).toBe('ERR_JS_TIMEOUT');
      expect((await thrownBy(() => resultOf(execution, code, { limits }))).code).toBe('ERR_JS_CAPABILITY_DENIED');
    });
  });
});
