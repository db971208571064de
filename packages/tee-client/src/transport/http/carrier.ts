/** One request to a relay. */
interface CarriedRequest {
  url: string;
  method: 'GET' | 'POST';
  /** `application/cbor`. */
  body?: Uint8Array | undefined;
  /** Milliseconds until it is given up. */
  timeoutMs: number;
  /** Most bytes of an answer that are taken. */
  maxBytes: number;
}

/** What came of it. */
interface CarriedAnswer {
  status: number;
  body: Uint8Array;
}

/**
 * Sends a request and gives its answer, whatever its status; follows no redirect.
 * @throws {TeeError} ERR_TRANSPORT for an answer that is too long; anything else when there is none
 */
export type HttpCarrier = (request: CarriedRequest) => Promise<CarriedAnswer>;
