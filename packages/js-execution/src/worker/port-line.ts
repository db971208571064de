import { performance } from 'node:perf_hooks';
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { HostAnswer, HostRequest, RequestLine } from '../engine/host-requests.ts';

/** What passes over the port. `call` numbers the calls of a thread, so that an answer that comes too late meets no other call. */
export type LineRequest = HostRequest & { call: number };
export type LineAnswer = HostAnswer & { call: number };

/**
 * Settles between the two threads who has a call: the worker, which runs it, or the main thread, which has it back. Calls
 * are decided in order, and each only once.
 *
 * @returns true for the one of them that asked first
 */
export function decide(cells: Int32Array, call: number): boolean {
  return Atomics.compareExchange(cells, 1, call - 1, call) === call - 1;
}

/** The guest's line to the main thread: a port, and a cell in shared memory that wakes the sleeping worker. */
export class PortLine implements RequestLine {
  readonly #port: MessagePort;
  readonly #cells: Int32Array;
  #call = 0;

  constructor(port: MessagePort, cells: Int32Array) {
    this.#port = port;
    this.#cells = cells;
  }

  /** A new call begins; what is still under way is not for it. @returns false when the call was had back */
  begin(call: number): boolean {
    this.#call = call;
    return decide(this.#cells, call);
  }

  send(request: HostRequest): void {
    this.#port.postMessage({ ...request, call: this.#call } satisfies LineRequest);
  }

  receive(milliseconds: number): HostAnswer | null {
    const until = performance.now() + milliseconds;
    for (;;) {
      const rung = Atomics.load(this.#cells, 0);
      const received: { message: LineAnswer } | undefined = receiveMessageOnPort(this.#port);
      if (received !== undefined) {
        const { call, id, json } = received.message;
        if (call === this.#call) return { id, json };
        continue;
      }
      const left = until - performance.now();
      if (left <= 0) return null;
      Atomics.wait(this.#cells, 0, rung, left);
    }
  }
}
