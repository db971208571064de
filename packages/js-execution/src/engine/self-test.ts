import { defaultJavaScriptLimits } from '../default-limits.ts';
import type { CallRunner } from './call-runner.ts';
import type { ReferenceProgram } from './reference-programs.ts';

/** What a reference program answered and cost here. */
export interface ReferenceResult {
  json: string;
  gas: number;
}

/** Runs one reference program under the conditions of the gas table. */
export function runReference(runner: CallRunner, code: string): ReferenceResult {
  const outcome = runner.run({
    code,
    kind: 'script',
    files: {},
    capabilities: [],
    tenant: '',
    payload: new TextEncoder().encode('[7,{},"f","u"]'),
    limits: { ...defaultJavaScriptLimits },
    nowMs: 0,
    seed: 1n,
  });
  runner.clean();
  const json = outcome.status === 'ok' ? outcome.json : outcome.code;
  return { json, gas: outcome.measurements?.gasUsed ?? 0 };
}

/**
 * Compares programs with the gas table.
 *
 * @throws Error naming the first program that answers or costs anything else: this engine must not serve
 */
export function selfTest(runner: CallRunner, programs: readonly ReferenceProgram[]): void {
  for (const { name, code, json, gas } of programs) {
    const result = runReference(runner, code);
    if (result.json === json && result.gas === gas) continue;
    throw new Error(`self-test "${name}": ${result.json} for ${result.gas} gas instead of ${json} for ${gas}`);
  }
}
