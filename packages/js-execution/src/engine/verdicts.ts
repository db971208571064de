import type { Failure, JavaScriptErrorCode } from '../outcome.ts';

/** What each failure says in the host's own words. */
export const texts = {
  user: 'The function threw.',
  noMain: 'The source does not declare a function main.',
  noExport: 'The module exports no function main and no default function.',
  syntax: 'The source is not valid JavaScript.',
  syntaxTypes: 'The source is not TypeScript that types can be taken out of.',
  timeout: 'The function ran longer than its time limit.',
  gas: 'The function used up its gas.',
  memory: 'The function needed more memory than its limit.',
  stack: 'The function recursed deeper than its stack limit.',
  outputLimit: 'The result is larger than its limit.',
  notSerializable: 'The result holds a value without a JSON form.',
  neverSettled: 'The promise that main returned can never settle.',
  denied: 'The function used a capability that it was not granted.',
  trapped: 'The engine running the function stopped unexpectedly.',
  noWorker: 'No sandbox worker could be started.',
  aborted: 'The call was given up by its caller.',
} as const;

export function failure(code: JavaScriptErrorCode, message: string): Failure {
  return { status: 'failed', code, message };
}
