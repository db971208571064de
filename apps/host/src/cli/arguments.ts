import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type JsonValue, jsonValueSchema, TeeError } from '@neo-service-layer/tee-interface';

/** Options of a command by name: those that take a value, and those that are just there. */
export type OptionKinds = Readonly<Record<string, 'value' | 'flag'>>;

/** What was given, by name; an option that was not given is absent. */
export interface ParsedOptions<Kinds extends OptionKinds> {
  values: { [Name in keyof Kinds]?: Kinds[Name] extends 'flag' ? boolean : string };
  positionals: string[];
}

/** Parses options strictly. @throws {TeeError} ERR_INVALID_ARGUMENT for an unknown or malformed option */
export function parseOptions<const Kinds extends OptionKinds>(args: string[], kinds: Kinds): ParsedOptions<Kinds> {
  const options = Object.fromEntries(
    Object.entries(kinds).map(([name, kind]) => [name, { type: kind === 'flag' ? 'boolean' : 'string' } as const]),
  );
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    return { values: values as ParsedOptions<Kinds>['values'], positionals };
  } catch (cause) {
    throw usage(cause instanceof Error ? cause.message : 'The options could not be read.', cause);
  }
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
