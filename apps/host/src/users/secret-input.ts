import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { TeeError } from '@neo-service-layer/tee-interface';

/**
 * A secret from standard input: asked for without echo on a terminal, read to its end otherwise. Never from the command
 * line, which other users of the machine can see. A line end at its end is no part of it.
 * @throws {TeeError} ERR_INVALID_ARGUMENT for an empty one
 */
export async function readSecret(name: string): Promise<string> {
  const text = process.stdin.isTTY === true ? await ask(`${name}: `) : await readAll();
  const secret = text.replace(/\r?\n$/, '');
  if (secret !== '') return secret;
  throw new TeeError('ERR_INVALID_ARGUMENT', 'The secret is empty.', {
    hint: `echo -n … | neo-tee secrets set ${name}, or type it when asked.`,
  });
}

function ask(question: string): Promise<string> {
  process.stderr.write(question);
  // What readline echoes goes nowhere.
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: process.stdin, output, terminal: true });
  return new Promise((resolve, reject) => {
    lines.question('', (answer) => {
      lines.close();
      process.stderr.write('\n');
      resolve(answer);
    });
    lines.once('SIGINT', () => {
      lines.close();
      reject(new TeeError('ERR_INVALID_ARGUMENT', 'Interrupted before the secret was given.'));
    });
  });
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
