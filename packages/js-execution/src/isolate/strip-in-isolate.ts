import { hasTypes, typedFiles, withoutTypes } from '../engine/stripped-sources.ts';
import { failure, texts } from '../engine/verdicts.ts';
import type { Failure } from '../outcome.ts';
import type { IsolatePrograms } from './isolate-call.ts';
import type { IsolateCallMessage } from './isolate-messages.ts';
import type { IsolateSources } from './isolate-sources.ts';
import { copiedThrown } from './isolate-thrown.ts';
import type { IsolatedVm } from './isolated-vm.ts';
import type { LimitedIsolate } from './limited-isolate.ts';

const strip = 'return JSON.stringify(main(JSON.parse($0)));';

/**
 * The sources of a call without types. They are taken out in an isolate of its own, under the limits of the call: a
 * source is as hostile as what it does when it runs.
 *
 * @returns the failure when there is no way to take the types out
 * @throws what isolated-vm throws when the isolate is stopped meanwhile
 */
export async function stripInIsolate(
  vm: IsolatedVm,
  programs: IsolatePrograms,
  call: IsolateCallMessage,
  isolates: LimitedIsolate,
): Promise<IsolateSources | Failure> {
  const { code, kind, files } = call;
  if (!hasTypes(call)) return { code, kind: kind === 'module' ? 'module' : 'script', files };
  const typed = typedFiles(call);
  const isolate = isolates.open(vm);
  const context = await isolate.createContext();
  await (await isolate.compileScript(programs.stripper(), { filename: '<sandbox>' })).run(context);
  try {
    const given = JSON.stringify(typed.map(([, text]) => text));
    const json: unknown = await context.evalClosure(strip, [given], { filename: '<sandbox>', result: { copy: true } });
    const sources = withoutTypes(call, typed, String(json));
    return 'status' in sources ? sources : { ...sources, ...(kind === 'ts' ? { mainFile: 'main.ts' } : {}) };
  } catch (error) {
    if (isolate.isDisposed) throw error;
    return { ...failure('ERR_JS_SYNTAX', texts.syntaxTypes), thrown: copiedThrown(error, () => undefined) };
  }
}
