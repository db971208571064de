import type { ChannelClaims } from './report-data.ts';
import type { PreSharedKey } from './session/handshake.ts';
import type { Suite } from './suites.ts';

/** What a channel is opened with. */
export interface InitiatorOptions {
  /** The claims that a quote, verified and appraised by the caller, commits to. */
  claims: ChannelClaims;
  /** SHA-256 of the evidence the claims come from. */
  evidenceDigest: Uint8Array;
  /** Carries one message to the enclave and its answer back; messages overlap. The carrier is not trusted. */
  exchange: (message: Uint8Array) => Promise<Uint8Array>;
  /** Name of the service that is meant, at most 255 bytes: an enclave of another name (or of none) refuses. */
  audience?: string;
  /** The suite to speak, and no other. Default the classic one; `./post-quantum` has another. */
  suite?: Suite | undefined;
  /** What ChannelInitiator.ticket gave in an earlier session with the same enclave. */
  resume?: ResumptionTicket;
}

/** Lets a session follow another one of the same enclave and boot. A secret: whoever has it can take this client's place. */
export interface ResumptionTicket extends PreSharedKey {
  /** Seconds that the enclave accepts it for. */
  lifetime: number;
}

/** How one call is made. */
export interface CallOptions {
  /** Gives the call up; the enclave is told. What it did until then stays done. */
  signal?: AbortSignal | undefined;
}

/** How one streaming call is made. */
export interface StreamOptions extends CallOptions {
  /** Bytes that follow the head. */
  body?: ReadableStream<Uint8Array>;
  /**
   * Pieces (64 KiB) that may be asked for ahead of the reader, and requests with pieces of the body under way at once.
   * Default 4. Only requests for the answer are kept waiting by the enclave: a browser with its six connections goes on.
   */
  window?: number;
}
