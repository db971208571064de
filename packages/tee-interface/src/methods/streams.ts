import * as z from 'zod';
import type { Method } from './method.ts';

/** One streaming method: bytes go in and come out while they are made; parameters stand before them. */
export interface StreamMethod<Input> extends Pick<Method<Input, unknown>, 'summary' | 'access' | 'input'> {}

const name = z.strictObject({ name: z.string().max(512).optional() });

/** What is sealed or opened as a stream: beyond 16 MiB, or without holding it in memory at once. */
export interface SealStreamRequest {
  /** Bound to the blob; must be given again to open it. */
  name?: string | undefined;
}

/** Every streaming method of the enclave. Calls of them stand in the head of a stream as others do in a call. */
export const teeStreams = {
  sealStream: {
    summary: 'Encrypts bytes of any length with the keyring of the enclave while they come.',
    access: 'caller',
    input: name,
  },
  unsealStream: {
    summary:
      'Opens what sealStream made (or sealData, with the keyring). What has come is authentic; that it is all, only the end says.',
    access: 'caller',
    input: name,
  },
} as const satisfies Record<string, StreamMethod<SealStreamRequest>>;

/** A streaming method's name. */
export type TeeStreamName = keyof typeof teeStreams;

/** True for the name of a streaming method. */
export function isStreamMethod(text: string): text is TeeStreamName {
  return Object.hasOwn(teeStreams, text);
}
