import { performance } from 'node:perf_hooks';
import type { Outcome } from '../outcome.ts';
import type { GuestCall } from '../sandbox-engine.ts';
import type { CallRunner } from './call-runner.ts';
import { hasTypes } from './stripped-sources.ts';
import type { TypeStripper } from './type-stripper.ts';

/** Runs calls in whatever language they are written: TypeScript loses its types first, within the call's own limits. */
export class FunctionRunner {
  readonly #runner: CallRunner;
  readonly #stripper: TypeStripper;

  constructor(runner: CallRunner, stripper: TypeStripper) {
    this.#runner = runner;
    this.#stripper = stripper;
  }

  /** Runs one call. The engine still holds what the call left until {@link clean}. */
  run(request: GuestCall): Outcome {
    if (!hasTypes(request)) return this.#runner.run(request);
    const started = performance.now();
    const stripped = this.#stripper.strip(request);
    if ('status' in stripped) {
      request.payload.fill(0);
      return stripped;
    }
    const tookMs = performance.now() - started;
    const { gas: strippingGas, ...sources } = stripped;
    const { gas, timeoutMs } = request.limits;
    const limits = { ...request.limits, gas: gas - strippingGas, timeoutMs: Math.max(timeoutMs - tookMs, 1) };
    const mainFile = request.kind === 'ts' ? ({ mainFile: 'main.ts' } as const) : {};
    const { measurements, ...verdict } = this.#runner.run({ ...request, ...sources, ...mainFile, limits });
    if (measurements === undefined) return verdict;
    const { gasUsed, executionTimeMs } = measurements;
    const whole = { gasUsed: gasUsed + strippingGas, executionTimeMs: executionTimeMs + tookMs };
    return { ...verdict, measurements: { ...measurements, ...whole } };
  }

  /** Removes what the last call left. */
  clean(): void {
    this.#runner.clean();
  }
}
