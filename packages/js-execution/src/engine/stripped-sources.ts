import type { Failure } from '../outcome.ts';
import type { GuestCall } from '../sandbox-engine.ts';
import { mainFile } from './module-files.ts';
import { failure, texts } from './verdicts.ts';

/** A function's sources as JavaScript, and what making them cost. */
export interface StrippedSources {
  kind: 'script' | 'module';
  code: string;
  files: Readonly<Record<string, string>>;
  gas: number;
}

/** What the stripper looks at of a call. */
export type Sources = Pick<GuestCall, 'kind' | 'code' | 'files'>;

/** A source that has types, with its name. */
export type TypedFile = readonly [name: string, text: string];

/** What the stripper says of one source (tools/typescript/strip-types.ts). */
type Stripped = { code: string; module: boolean } | Fault;

interface Fault {
  fault: string;
  line: number;
  column: number;
}

/** True for a function that has TypeScript in it. */
export function hasTypes({ kind, files }: Sources): boolean {
  return kind === 'ts' || Object.keys(files).some(isTypeScript);
}

/** The sources of a call that have types, its own first. */
export function typedFiles({ kind, code, files }: Sources): TypedFile[] {
  const main: TypedFile[] = kind === 'ts' ? [['main.ts', code]] : [];
  return [...main, ...Object.entries(files).filter(([name]) => isTypeScript(name))];
}

/**
 * A call's sources with those in the place of the typed ones that the stripper gave. The stripper is a guest: a source
 * that took it over could answer anything, so its answer is checked.
 *
 * @param json the stripper's answer to `typed`
 * @returns the failure when a source is not TypeScript that types can be taken out of
 */
export function withoutTypes(call: Sources, typed: readonly TypedFile[], json: string): StrippedSources | Failure {
  const results = parseStripped(json, typed.length);
  if (results === null) return failure('ERR_JS_ENGINE_LOST', texts.trapped);
  const sources: StrippedSources = {
    kind: call.kind === 'module' ? 'module' : 'script',
    code: call.code,
    files: { ...call.files },
    gas: 0,
  };
  for (const [index, result] of results.entries()) {
    const [name, text] = typed[index] ?? [mainFile, ''];
    if ('fault' in result) return faultOf(name, result, text);
    if (call.kind !== 'ts' || index > 0) sources.files = { ...sources.files, [name]: result.code };
    else Object.assign(sources, { code: result.code, kind: result.module ? 'module' : 'script' });
  }
  return sources;
}

function isTypeScript(name: string): boolean {
  return name.endsWith('.ts');
}

function faultOf(file: string, { fault: message, line, column }: Fault, source: string): Failure {
  const text = source.split(/\r\n|[\n\r\u2028\u2029]/, line)[line - 1] ?? '';
  // As in frames of the engine's own, columns are bytes.
  const bytes = Buffer.byteLength(text.slice(0, column - 1)) + 1;
  const frames = [{ function: '<anonymous>', file, line, column: bytes }];
  const thrown = { isError: true, name: 'SyntaxError', message, cut: false, frames, causes: [] };
  return { ...failure('ERR_JS_SYNTAX', texts.syntaxTypes), thrown };
}

function parseStripped(json: string, count: number): Stripped[] | null {
  const value: unknown = JSON.parse(json);
  if (!Array.isArray(value) || value.length !== count) return null;
  const results = value.map(parseOne);
  return results.every((result) => result !== null) ? results : null;
}

function parseOne(value: unknown): Stripped | null {
  if (typeof value !== 'object' || value === null) return null;
  const { code, module, fault, line, column }: Record<string, unknown> = { ...value };
  if (typeof code === 'string' && typeof module === 'boolean') return { code, module };
  const placed = typeof line === 'number' && typeof column === 'number';
  return typeof fault === 'string' && placed ? { fault, line, column } : null;
}
