import { type BuiltSource, originalDetails } from '@neo-service-layer/functions/bundle';
import { isTeeError, type JsonValue, TeeError } from '@neo-service-layer/tee-interface';

/**
 * The error of a bundled function with places in its author's files. Any other error, and one of another version of the
 * function (its excerpt is not in the bundle), stays as it is.
 */
export function inOwnSource(error: unknown, source: BuiltSource | null): unknown {
  if (source === null || !isTeeError(error) || error.details === undefined) return error;
  if (!isFrom(error.details['excerpt'], source)) return error;
  const { code, message, details: _details, ...info } = error.toJSON();
  return new TeeError(code, message, { ...info, details: originalDetails(error.details, source) });
}

function isFrom(excerpt: JsonValue | undefined, { code }: BuiltSource): boolean {
  if (typeof excerpt !== 'object' || excerpt === null || Array.isArray(excerpt)) return true;
  return typeof excerpt['text'] === 'string' && code.includes(excerpt['text']);
}
