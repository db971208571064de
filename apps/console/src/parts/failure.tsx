import { isTeeError } from '@neo-service-layer/tee-interface';

/** An error, as it helps: what happened, what was expected and found, what to do, and the line it is about. */
export function Failure({ error }: { error: unknown }) {
  if (!isTeeError(error))
    return (
      <p class="verdict bad" role="alert">
        {error instanceof Error ? error.message : String(error)}
      </p>
    );
  const { code, message, expected, actual, hint, details } = error;
  const excerpt = details?.['excerpt'];
  const line = typeof excerpt === 'object' && excerpt !== null && !Array.isArray(excerpt) ? excerpt : null;
  return (
    <div class="verdict bad" role="alert">
      <strong>{message}</strong> <code>{code}</code>
      {expected !== undefined && (
        <div class="fact">
          <span>expected</span> <code>{expected}</code>
        </div>
      )}
      {actual !== undefined && (
        <div class="fact">
          <span>found</span> <code>{actual}</code>
        </div>
      )}
      {line !== null && <pre>{`${String(line['line'])} | ${String(line['text'])}`}</pre>}
      {hint !== undefined && <p>{hint}</p>}
    </div>
  );
}
