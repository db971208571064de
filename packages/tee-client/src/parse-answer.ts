import { decodeOutcome, type Method, TeeError } from '@neo-service-layer/tee-interface';

/** What a call gave. @throws {TeeError} the enclave's own, or ERR_CHANNEL_PROTOCOL for an answer of another shape */
export function parseAnswer<Output>(
  name: string,
  schema: Method<unknown, Output>['output'],
  answer: Uint8Array,
): Output {
  const outcome = decodeOutcome(answer);
  if (!outcome.ok) throw TeeError.fromJSON(outcome.error);
  const output = schema.safeParse(outcome.result);
  if (output.success) return output.data;
  throw new TeeError('ERR_CHANNEL_PROTOCOL', `The enclave's answer to ${name} has another shape than documented.`, {
    hint: 'The client and the enclave are of different versions.',
    cause: output.error,
  });
}
