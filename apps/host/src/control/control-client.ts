import { type IncomingMessage, request } from 'node:http';
import { isTeeErrorCode, TeeError } from '@neo-service-layer/tee-interface';
import * as z from 'zod';

/**
 * Asks the host that serves an instance, over its control socket.
 *
 * @returns the answer's body as it comes
 * @throws {TeeError} ERR_TRANSPORT when no host listens there; the code that the host answers otherwise
 */
export async function askControl(
  path: string,
  method: 'GET' | 'POST',
  what: string,
  body?: object,
): Promise<IncomingMessage> {
  const headers = body === undefined ? {} : { 'content-type': 'application/json' };
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const asked = request({ socketPath: path, method, path: what, headers }, resolve).once('error', reject);
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  }).catch((cause: unknown) => {
    throw new TeeError('ERR_TRANSPORT', 'No host serves this instance here.', {
      expected: `a host that listens at ${path}`,
      hint: 'Start `neo-tee serve` with the same TEE_HOME and TEE_INSTANCE, as the same user.',
      cause,
    });
  });
  if (answer.statusCode === 200) return answer;
  throw errorIn(await bodyOf(answer));
}

/** All of an answer. */
export async function bodyOf(answer: IncomingMessage): Promise<string> {
  answer.setEncoding('utf8');
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text;
}

const problemSchema = z.object({
  code: z.string(),
  title: z.string(),
  error: z
    .object({ message: z.string(), expected: z.string(), actual: z.string(), hint: z.string() })
    .partial()
    .optional(),
});

/** What the host says of a failure. */
function errorIn(text: string): TeeError {
  const parsed = problemSchema.safeParse(jsonIn(text));
  if (!parsed.success) return new TeeError('ERR_TRANSPORT', 'The host refused without a reason.');
  const { code, title, error = {} } = parsed.data;
  const { message, expected, actual, hint } = error;
  return new TeeError(isTeeErrorCode(code) ? code : 'ERR_TRANSPORT', message ?? title, {
    ...(expected === undefined ? {} : { expected }),
    ...(actual === undefined ? {} : { actual }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
