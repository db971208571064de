import { performance } from 'node:perf_hooks';
import { mainFile } from '../engine/module-files.ts';
import { failure, texts } from '../engine/verdicts.ts';
import type { SourceOf } from '../excerpt.ts';
import type { Outcome, Verdict } from '../outcome.ts';
import { IsolateHost } from './isolate-host.ts';
import type { IsolateCallMessage } from './isolate-messages.ts';
import { compileScript, type IsolateSources, ModuleGraph } from './isolate-sources.ts';
import { copiedThrown, describedThrown } from './isolate-thrown.ts';
import type { Isolate, IsolatedVm, Reference } from './isolated-vm.ts';
import { LimitedIsolate } from './limited-isolate.ts';
import { stripInIsolate } from './strip-in-isolate.ts';

const plain = { arguments: { copy: true }, result: { copy: true } } as const;

/** Programs that isolates run before a function: the prelude, and the stripper of types. */
export interface IsolatePrograms {
  prelude: string;
  stripper(): string;
}

/** What a call has to say to the main thread before it ends. */
export interface IsolateReporter {
  request(id: number, name: string, json: string): void;
  /** V8 found no memory and will not go on: the process has to end. */
  exhausted(): void;
}

/** One call in an isolate of its own, which exists only for it. */
export class IsolateCall {
  readonly host: IsolateHost;
  readonly #vm: IsolatedVm;
  readonly #programs: IsolatePrograms;
  readonly #call: IsolateCallMessage;
  readonly #isolate: LimitedIsolate;
  readonly #started = performance.now();
  /** What V8 compiled, by name: places in it, counted in bytes, are those in the user's sources. */
  #sources: IsolateSources;
  readonly #sourceOf: SourceOf;

  constructor(vm: IsolatedVm, programs: IsolatePrograms, call: IsolateCallMessage, reporter: IsolateReporter) {
    this.#vm = vm;
    this.#programs = programs;
    this.#call = call;
    this.host = new IsolateHost(call, ({ id, name, json }) => reporter.request(id, name, json));
    this.#isolate = new LimitedIsolate(call.limits, {
      exhausted: () => reporter.exhausted(),
      stopped: () => this.host.wake(),
    });
    const { code, files, kind } = call;
    this.#sources = { code, files, kind: 'script', ...(kind === 'ts' ? { mainFile: 'main.ts' } : {}) };
    this.#sourceOf = (file) => {
      const { code: main, files: others, mainFile: name = mainFile } = this.#sources;
      return file === name ? main : Object.hasOwn(others, file) ? others[file] : undefined;
    };
  }

  /** Stops it as soon as V8 lets itself be stopped. Its outcome means nothing then. */
  abort(): void {
    this.#isolate.stop();
  }

  /** Runs the call. Never rejects. */
  async run(): Promise<Outcome> {
    let verdict: Verdict;
    try {
      verdict = await this.#execute();
    } catch {
      verdict = this.#isolate.verdict() ?? failure('ERR_JS_ENGINE_LOST', texts.trapped);
    }
    const peakMemoryBytes = await this.#isolate.memoryBytes();
    this.#isolate.end();
    const measurements = {
      gasUsed: 0,
      executionTimeMs: performance.now() - this.#started,
      peakMemoryBytes,
      logs: this.host.log.lines,
      droppedLogs: this.host.log.dropped,
    };
    const { import: wanted, secrets } = this.host.missing;
    return verdict.status === 'ok'
      ? { ...verdict, measurements }
      : { ...verdict, measurements, missing: { import: wanted, secrets } };
  }

  async #execute(): Promise<Verdict> {
    const stripped = await stripInIsolate(this.#vm, this.#programs, this.#call, this.#isolate);
    if ('status' in stripped) return stripped;
    this.#sources = stripped;
    const isolate = this.#isolate.open(this.#vm);
    const context = await isolate.createContext();
    const send = (kind: unknown, first: unknown, second: unknown) => this.host.operation(kind, first, second);
    const options = { filename: '<sandbox>', result: { reference: true } } as const;
    const dispatch = await context.evalClosure(this.#programs.prelude, [send], options);
    await dispatch.apply(undefined, ['prepare', this.#given()], plain);
    const compiled =
      stripped.kind === 'module'
        ? await new ModuleGraph(isolate, stripped, this.host).compile(context, dispatch, this.#sourceOf)
        : await compileScript(isolate, context, stripped, this.#sourceOf);
    if ('status' in compiled) return compiled;
    return (
      (await this.#begin(isolate, dispatch, stripped, compiled.evaluate)) ?? (await this.#finish(isolate, dispatch))
    );
  }

  /** What is this call's own in the prelude. */
  #given(): Record<string, unknown> {
    const { payload, limits, nowMs, seed, capabilities } = this.#call;
    return {
      ...{ payload, nowMs, resultBytes: limits.resultBytes, logBytes: limits.logBytes },
      ...{ seedHigh: Number.parseInt(seed.slice(0, 8), 16), seedLow: Number.parseInt(seed.slice(8), 16) },
      allowEval: capabilities.includes('eval'),
    };
  }

  /** Evaluates the sources and calls main. @returns a verdict if it did not come so far */
  async #begin(
    isolate: Isolate,
    dispatch: Reference,
    { kind }: IsolateSources,
    evaluate: () => Promise<unknown>,
  ): Promise<Verdict | null> {
    try {
      await evaluate();
      if (kind === 'script') await this.#enter(isolate, dispatch, 'begin');
      return null;
    } catch (error) {
      if (isolate.isDisposed) throw error;
      // In a module that has called main it is a rejection that nobody handles; else the top level failed.
      if (this.host.began) this.host.warn('Unhandled rejection', copiedThrown(error, this.#sourceOf));
      else return { ...failure('ERR_JS_USER', texts.user), thrown: copiedThrown(error, this.#sourceOf) };
      return null;
    }
  }

  /** Lets time pass and answers come until main has ended. */
  async #finish(isolate: Isolate, dispatch: Reference): Promise<Verdict> {
    while (!this.host.ended) {
      const delay = Number(await this.#enter(isolate, dispatch, 'untilTimer'));
      const asking = this.host.requests.outstanding > 0;
      if (delay < 0 && !asking) {
        if (this.host.ended) break;
        await this.#enter(isolate, dispatch, 'tellDropped');
        return failure('ERR_JS_NEVER_SETTLED', texts.neverSettled);
      }
      const from = performance.now();
      await this.host.wait(delay < 0 ? this.#call.limits.timeoutMs : delay);
      if (isolate.isDisposed) throw new Error('stopped');
      const answer = this.host.requests.receive(0);
      if (answer !== null) {
        await this.#enter(isolate, dispatch, 'passTime', Math.floor(performance.now() - from));
        await this.#enter(isolate, dispatch, 'settle', answer.id, this.host.desk.received(answer.json));
      } else if (delay >= 0) {
        await this.#enter(isolate, dispatch, 'fireTimer');
      }
    }
    await this.#enter(isolate, dispatch, 'tellDropped');
    return this.#isolate.verdict() ?? this.host.verdict ?? this.#thrown();
  }

  #thrown(): Verdict {
    const thrown = describedThrown(this.host.described ?? '', this.#sourceOf);
    const { refusal } = this.host.desk;
    if (refusal !== null && thrown.message === refusal) {
      return { ...failure('ERR_JS_CAPABILITY_DENIED', texts.denied), thrown };
    }
    return { ...failure('ERR_JS_USER', texts.user), thrown };
  }

  /** Calls into the prelude. isolated-vm rejects with the first rejection that nobody handled meanwhile: it is told, no more. */
  async #enter(isolate: Isolate, dispatch: Reference, ...given: readonly unknown[]): Promise<unknown> {
    try {
      return await dispatch.apply(undefined, given, plain);
    } catch (error) {
      if (isolate.isDisposed) throw error;
      this.host.warn('Unhandled rejection', copiedThrown(error, this.#sourceOf));
      return given[0] === 'untilTimer' ? await dispatch.apply(undefined, given, plain) : undefined;
    }
  }
}
