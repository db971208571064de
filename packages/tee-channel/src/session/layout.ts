import { paddedLength } from '../padding.ts';
import { encodeFields } from '../wire.ts';

/** What stands around the sealed bytes of a session; both ends must agree. */
export interface SessionLayout {
  /** AAD of a request. */
  requestContext(sessionId: Uint8Array, sequence: number): Uint8Array;
  /** AAD of a response, and `info` of its key. */
  responseContext(sessionId: Uint8Array, sequence: number): Uint8Array;
  /** Length that a frame of `length` bytes is padded to. */
  paddedLength(length: number): number;
}

/** The layout of tee-channel/1. */
export const strictLayout: SessionLayout = {
  requestContext: (sessionId, sequence) => encodeFields(['tee-channel/1 request', sessionId, sequence]),
  responseContext: (sessionId, sequence) => encodeFields(['tee-channel/1 response', sessionId, sequence]),
  paddedLength,
};
