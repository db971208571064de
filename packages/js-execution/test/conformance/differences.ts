import type { EngineName } from '../../src/index.ts';

/** Where the engines differ: what each does, and why `v8-isolate` cannot do as `quickjs-wasm` does. */
export interface Difference {
  what: string;
  quickjs: string;
  isolate: string;
  why: string;
}

/** The one table of them: tests ask it by name, and docs/sandbox.md has it as it stands here (differences.test.ts). */
export const differences = {
  gas: {
    what: 'gas',
    quickjs: 'exact; `ERR_JS_GAS`',
    isolate: 'none: `gasUsed` is 0, a call that names `limits.gas` is refused',
    why: 'V8 counts nothing that is the same twice',
  },
  stack: {
    what: 'running out of stack, uncaught',
    quickjs: '`ERR_JS_STACK`',
    isolate: '`ERR_JS_USER` with a `RangeError`; a call that names `limits.stackBytes` is refused',
    why: 'V8 tells it by a text only, which a function can forge; its stack is that of the thread',
  },
  memory: {
    what: '`memoryBytes`',
    quickjs: 'exact, from 2 MiB',
    isolate:
      'whole MiB, from 8 MiB; exceeded for moments, and the process is ended at 192 MiB and 7 times the limits of its calls',
    why: 'V8 looks at its heap when it collects garbage',
  },
  buffers: {
    what: 'a buffer that is refused (`05-typed-array-bomb`)',
    quickjs: '`ERR_JS_MEMORY`',
    isolate: '`ERR_JS_USER` with a `RangeError`',
    why: 'the host does not hear of the refusal, and the text can be forged',
  },
  strays: {
    what: 'rejections nobody handles (`19-stray-rejection`)',
    quickjs: 'each a warning, up to 32',
    isolate: 'the first of each step a warning; while a script is evaluated, the failure of the call',
    why: 'isolated-vm rejects with the first, and forgets the others',
  },
  dynamicImport: {
    what: '`import()`',
    quickjs: 'of the own files',
    isolate: 'refused with an `Error`; `import` declarations work',
    why: 'isolated-vm does not support it',
  },
  language: {
    what: 'the language',
    quickjs: 'ES2023 and most of ES2025',
    isolate:
      'that of Node 20: no `Promise.withResolvers`, `Object.groupBy`, set methods, iterator helpers, `ArrayBuffer` transfer; base64 and hex of `Uint8Array` are ours, and simpler',
    why: 'isolated-vm 5 is made for Node 20, V8 11.3',
  },
  messages: {
    what: 'texts of errors',
    quickjs: 'those of QuickJS',
    isolate: 'those of V8; an error of the top level of a source comes without its causes',
    why: 'isolated-vm copies such an error itself',
  },
  leftovers: {
    what: 'promise jobs that `main` did not wait for',
    quickjs: 'end with its answer',
    isolate: 'run to their end, within the time limit',
    why: 'V8 runs all jobs before it gives control back',
  },
  peak: {
    what: '`peakMemoryBytes`',
    quickjs: 'the largest size',
    isolate: 'the size at the end; 0 for a call that was stopped',
    why: 'V8 keeps no maximum',
  },
  wiping: {
    what: 'what a call leaves in memory',
    quickjs: 'overwritten after it',
    isolate: 'freed, not overwritten, and gone with the process, which serves one tenant only',
    why: 'nobody but V8 can write where its heap was',
  },
  neighbours: {
    what: 'a call that does not stop',
    quickjs: 'takes its thread along',
    isolate:
      'takes its process along: other calls of the same tenant in it run once more, alone, or end as `ERR_JS_ENGINE_LOST` if they had asked the host for something',
    why: 'a built-in of V8 cannot be interrupted, nor can a thread be ended',
  },
  start: {
    what: 'speed',
    quickjs: 'about 0.1 ms to begin',
    isolate: 'about 15 ms to begin, and 100 ms more in a new process; then several times as fast',
    why: 'an isolate is made for each call, and its sources compiled each time',
  },
} as const satisfies Record<string, Difference>;

/** True where an engine does not do as the default one does. */
export function differs(engine: EngineName, _what: keyof typeof differences): boolean {
  return engine === 'v8-isolate';
}
