import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type JsonValue, jsonValueSchema, TeeError } from '@neo-service-layer/tee-interface';

/** Options of a command by name: those that take a value, once or several times, and those that are just there. */
export type OptionKinds = Readonly<Record<string, 'value' | 'list' | 'flag'>>;

interface KindValues {
  value: string;
  list: string[];
  flag: boolean;
}

/** What was given, by name; an option that was not given is absent. */
export interface ParsedOptions<Kinds extends OptionKinds> {
  values: { [Name in keyof Kinds]?: KindValues[Kinds[Name]] };
  positionals: string[];
}

/** Parses options strictly. @throws {TeeError} ERR_INVALID_ARGUMENT for an unknown or malformed option */
export function parseOptions<const Kinds extends OptionKinds>(args: string[], kinds: Kinds): ParsedOptions<Kinds> {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [
      name,
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const), multiple: kind === 'list' },
    ]),
  );
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    return { values: values as ParsedOptions<Kinds>['values'], positionals };
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : 'The options could not be read.', cause);
  }
}

/**
 * Splits a command line that ends with another program's: its words after the `count`th positional are not ours to
 * understand, whatever they look like. (`--json` and `--help` are taken by whoever calls this, unless they stand after
 * a `--`.)
 */
export function splitProgram(args: string[], kinds: OptionKinds, count: number): { own: string[]; rest: string[] } {
  let positionals = 0;
  for (let at = 0; at < args.length; at += 1) {
    const word = args[at] ?? '';
    const takesValue = word.startsWith('--') && !word.includes('=') && (kinds[word.slice(2)] ?? 'flag') !== 'flag';
    if (takesValue) at += 1;
    else if (!word.startsWith('-')) positionals += 1;
    if (positionals < count) continue;
    const rest = args.slice(at + 1);
    return { own: args.slice(0, at + 1), rest: rest[0] === '--' ? rest.slice(1) : rest };
  }
  return { own: args, rest: [] };
}

/** A JSON value given as text, or as `@file`. @throws {TeeError} ERR_INVALID_ARGUMENT; the message never quotes the value */
export function jsonArgument(name: string, text: string | undefined, fallback: JsonValue): JsonValue {
  if (text === undefined) return fallback;
  const source = text.startsWith('@') ? readTextFile(text.slice(1)) : text;
  try {
    return jsonValueSchema.parse(JSON.parse(source));
  } catch {
    throw usage(`--${name} is not valid JSON.`);
  }
}

/** Bytes given as hex, or as `@file`; none when left out. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function bytesArgument(name: string, text: string | undefined): Uint8Array {
  if (text === undefined) return new Uint8Array();
  if (text.startsWith('@')) return readFile(text.slice(1));
  if (!/^([0-9a-fA-F]{2})*$/.test(text)) throw usage(`--${name} wants hex, or @FILE.`);
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** A time in unix seconds; now when left out. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function timeArgument(name: string, text: string | undefined): number {
  if (text === undefined) return Date.now() / 1000;
  if (!/^\d+(\.\d+)?$/.test(text)) throw usage(`--${name} wants a time in unix seconds.`);
  return Number(text);
}

/** A whole number of at least 1. @throws {TeeError} ERR_INVALID_ARGUMENT */
export function countArgument(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < 1)
    throw usage(`--${name} wants a whole number of at least 1.`);
  return value;
}

/** The bytes of a file. @throws {TeeError} ERR_INVALID_ARGUMENT naming the file */
export function readFile(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (cause) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `The file ${path} could not be read.`, {
      actual: cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error',
      hint: 'Check the path.',
      cause,
    });
  }
}

/** Writes a file. @throws {TeeError} ERR_INVALID_ARGUMENT naming it */
export function writeFile(path: string, bytes: Uint8Array): void {
  try {
    writeFileSync(path, bytes);
  } catch (cause) {
    throw new TeeError('ERR_INVALID_ARGUMENT', `The file ${path} could not be written.`, { cause });
  }
}

/** A file as UTF-8 text. */
export function readTextFile(path: string): string {
  return new TextDecoder().decode(readFile(path));
}

/** The error of a command line that cannot be understood. */
export function usage(message: string, cause?: unknown): TeeError {
  return new TeeError('ERR_INVALID_ARGUMENT', message, {
    hint: 'neo-tee help shows each command with an example.',
    cause,
  });
}
