import { TeeError } from '@neo-service-layer/tee-interface';
import type { EnclaveIdentity } from './identity.ts';
import type { CallHandler } from './session/enclave-session.ts';
import type { StreamHandler } from './stream/enclave-stream.ts';
import { classicSuite, type Suite } from './suites.ts';

/** How a ChannelResponder works. */
export interface ResponderOptions {
  identity: EnclaveIdentity;
  /** Answers one decrypted call. The code of its rejection is told to the client, sealed; nothing else of it is. */
  handle: CallHandler;
  /** Answers streaming calls. Default: they fail with ERR_UNKNOWN_METHOD. */
  handleStream?: StreamHandler;
  /** Unix seconds; only ever used to forget sessions and tickets. */
  now: () => number;
  /** Suites that are spoken; they must stand in the claims too. Default the classic one alone. */
  suites?: readonly Suite[];
  /** Name of the service, as its measured configuration has it. A client that means another one is refused. */
  audience?: string;
  /** Sessions in use at once. Default 16,384; beyond, hellos are answered ERR_BUSY. */
  maxSessions?: number;
  /** Offers that wait for their first request; the oldest gives way. Default 1024. */
  maxOffers?: number;
  /** Seconds an offer waits for its first request. Default 30. */
  offerSeconds?: number;
  /** Seconds a session lives from its first request. Default 3600. */
  sessionSeconds?: number;
  /** Seconds a ticket is good for. Default 3600. */
  ticketSeconds?: number;
  /** Requests of one session that may be waiting for their answer; more are answered ERR_BUSY. Default 1024. */
  maxInFlight?: number;
  /** Streams that one session may have open. Default 16. */
  maxStreamsPerSession?: number;
  /** Streams that all sessions may have open; each may hold `streamWindow` pieces of 64 KiB. Default 256. */
  maxStreams?: number;
  /** Pieces of a body that may wait unread, and pulls of an answer that may wait. Default 8. */
  streamWindow?: number;
  /** Seconds that a request about a stream is kept waiting before the client is told to ask again. Default 5. */
  holdSeconds?: number;
}

/** What applies where an option is not given. */
export const responderDefaults = {
  audience: '',
  suites: [classicSuite],
  maxSessions: 16_384,
  maxOffers: 1024,
  offerSeconds: 30,
  sessionSeconds: 3600,
  ticketSeconds: 3600,
  maxInFlight: 1024,
  maxStreamsPerSession: 16,
  maxStreams: 256,
  streamWindow: 8,
  holdSeconds: 5,
  handleStream: async (): Promise<never> => {
    throw new TeeError('ERR_UNKNOWN_METHOD', 'This enclave answers no streaming calls.');
  },
};
