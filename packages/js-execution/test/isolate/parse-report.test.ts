import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failure, texts } from '../../src/engine/verdicts.ts';
import type { IsolateReport } from '../../src/isolate/isolate-messages.ts';
import { parseReport } from '../../src/isolate/parse-report.ts';

const measurements = { gasUsed: 0, executionTimeMs: 1.5, peakMemoryBytes: 2_000_000, logs: [], droppedLogs: 3 };
const thrown = {
  ...{ isError: true, name: 'TypeError', message: 'm', cut: false },
  frames: [{ function: 'f', file: 'main.js', line: 1, column: 2 }, { function: 'map' }],
  causes: [{ name: 'Error', message: 'c' }],
};

describe('what a process reports', () => {
  it.each<IsolateReport>([
    { kind: 'ready' },
    { kind: 'request', call: 1, id: 2, name: 'http.fetch', json: '{}' },
    { kind: 'exhausted', call: 4 },
    { kind: 'exhausted', call: null },
    { kind: 'outcome', call: 1, outcome: { status: 'ok', json: '1', measurements } },
    {
      kind: 'outcome',
      call: 1,
      outcome: {
        ...failure('ERR_JS_USER', texts.user),
        ...{ thrown, measurements, refused: { path: 'a', what: 'b' } },
        missing: { import: { file: 'main.js', specifier: './x.js' }, secrets: ['k'] },
      },
    },
  ])('is understood: %j', (report) => {
    expect(parseReport(JSON.stringify(report))).toEqual(report);
  });

  it.each([
    { kind: 'outcome', call: 1, outcome: { status: 'ok', json: 5 } },
    { kind: 'outcome', call: 1, outcome: { status: 'failed', code: 'ERR_JS_GAS', message: texts.gas } },
    { kind: 'outcome', call: 1, outcome: { status: 'failed', code: 'ERR_JS_USER', message: 'its own words' } },
    { kind: 'outcome', call: -1, outcome: { status: 'ok', json: '1' } },
    { kind: 'request', call: 1, id: 'x', name: 'http.fetch', json: '{}' },
    { kind: 'other', call: 1 },
    null,
    [],
  ])('is refused when it is no report: %j', (value) => {
    expect(parseReport(JSON.stringify(value))).toBeNull();
  });

  it('may be anything: a guest may have broken out and write it', () => {
    const part = fc.letrec<{ any: unknown }>((tie) => ({
      any: fc.oneof(
        fc.jsonValue(),
        fc.dictionary(fc.constantFrom(...Object.keys(thrown), 'import', 'secrets'), tie('any')),
      ),
    })).any;
    const outcome = fc.record({
      status: fc.constantFrom('ok', 'failed'),
      json: part,
      code: fc.constantFrom('ERR_JS_USER', 'ERR_JS_ABORTED', 5),
      message: fc.constantFrom(texts.user, 'x'),
      ...{ thrown: part, refused: part, missing: part, measurements: part },
    });
    const report = fc.record({
      kind: fc.constantFrom('ready', 'request', 'outcome', 'exhausted'),
      call: part,
      outcome,
    });
    fc.assert(
      fc.property(
        fc.oneof(
          report.map((value) => JSON.stringify(value)),
          fc.string(),
        ),
        (json) => {
          const parsed = parseReport(json);
          if (parsed?.kind !== 'outcome' || parsed.outcome.status !== 'failed') return;
          const { thrown: told, missing } = parsed.outcome;
          expect((told?.frames.length ?? 0) + (told?.causes.length ?? 0) + (missing?.secrets.length ?? 0)).toBeLessThan(
            62,
          );
          expect(typeof (told?.message ?? '')).toBe('string');
        },
      ),
    );
  });
});
