import { type IncomingMessage, request } from 'node:http';
import { isTeeErrorCode, TeeError } from '@neo-service-layer/tee-interface';

/**
 * Asks the host that serves an instance, over its control socket.
 *
 * @returns the answer's body as it comes
 * @throws {TeeError} ERR_TRANSPORT when no host listens there; the code that the host answers otherwise
 */
export async function askControl(path: string, method: 'GET' | 'POST', what: string): Promise<IncomingMessage> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ socketPath: path, method, path: what }, resolve).once('error', reject).end();
  }).catch((cause: unknown) => {
    throw new TeeError('ERR_TRANSPORT', 'No host serves this instance here.', {
      expected: `a host that listens at ${path}`,
      hint: 'Start `neo-tee serve` with the same TEE_HOME and TEE_INSTANCE, as the same user.',
      cause,
    });
  });
  if (answer.statusCode === 200) return answer;
  const text = await bodyOf(answer);
  const { code, title } = problemIn(text);
  throw new TeeError(isTeeErrorCode(code) ? code : 'ERR_TRANSPORT', `The host refused: ${title}`, {
    actual: String(answer.statusCode),
  });
}

/** All of an answer. */
export async function bodyOf(answer: IncomingMessage): Promise<string> {
  answer.setEncoding('utf8');
  let text = '';
  for await (const chunk of answer) text += String(chunk);
  return text;
}

function problemIn(text: string): { code: string; title: string } {
  try {
    const { code, title } = JSON.parse(text);
    return { code: String(code), title: String(title) };
  } catch {
    return { code: '', title: 'no reason was given' };
  }
}
