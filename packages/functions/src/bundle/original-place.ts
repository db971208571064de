import { originalPositionFor, TraceMap } from '@jridgewell/trace-mapping';
import type { JsonValue, TeeErrorInfo } from '@neo-service-layer/tee-interface';
import * as z from 'zod';
import type { BuiltSource } from './build-source.ts';

const place = z.object({ line: z.int().min(1), column: z.int().min(1) });
const frameSchema = z.looseObject({ function: z.string().optional(), ...place.shape });

/**
 * The details of an error in a bundled function, with places in the files that it was made of: `line`, `column`, `frames`,
 * and the `excerpt` that is shown. The first place that counts is the first one in the user's own files, not in a package's.
 * What has no place there is left as it was.
 *
 * @param details of an error with code ERR_JS_*
 */
export function originalDetails(
  details: NonNullable<TeeErrorInfo['details']>,
  { sourceMap }: Pick<BuiltSource, 'sourceMap'>,
): Record<string, JsonValue> {
  const map = new TraceMap(sourceMap);
  const frames = Array.isArray(details['frames']) ? details['frames'] : [];
  const found = frames.map((frame) => originalFrame(map, frame));
  const mapped = frames.map((frame, index) => found[index] ?? frame);
  const own =
    found.map((frame) => ownPlace.safeParse(frame)).find(({ success }) => success)?.data ?? here(map, details);
  if (own === undefined) return { ...without(details), frames: mapped };
  const { file, line, column } = own;
  const text = textOf(map, file, line);
  return {
    ...details,
    frames: mapped,
    line,
    column,
    ...(text === null ? {} : { excerpt: { file, line, column, text } }),
  };
}

const ownPlace = z.object({ file: z.string().refine((file) => !file.includes('node_modules/')), ...place.shape });

function originalFrame(map: TraceMap, frame: JsonValue): Record<string, JsonValue> | null {
  const parsed = frameSchema.safeParse(frame);
  if (!parsed.success) return null;
  const found = original(map, parsed.data);
  if (found === null) return null;
  return { ...(parsed.data as Record<string, JsonValue>), ...found };
}

/** Where an error says it is, when it has no frames: a syntax error, say. */
function here(map: TraceMap, details: Record<string, JsonValue>) {
  const parsed = place.safeParse(details);
  const found = parsed.success ? original(map, parsed.data) : null;
  return ownPlace.safeParse(found).data;
}

function original(map: TraceMap, { line, column }: { line: number; column: number }) {
  // Columns of a map are counted from 0.
  const found = originalPositionFor(map, { line, column: column - 1 });
  if (found.source === null || found.source === 'entry.js') return null;
  return { file: found.source, line: found.line, column: found.column + 1 };
}

/** A place in the bundle says nothing to anybody. */
function without({ line: _line, column: _column, excerpt: _excerpt, ...rest }: Record<string, JsonValue>) {
  return rest;
}

function textOf(map: TraceMap, file: string, line: number): string | null {
  const index = map.sources.indexOf(file);
  return map.sourcesContent?.[index]?.split('\n')[line - 1] ?? null;
}
