/** A guest's request on its way to the main thread. */
export interface HostRequest {
  id: number;
  name: string;
  /** Arguments, JSON. */
  json: string;
}

/** The main thread's answer: JSON `{ok}` or `{name, message}`. */
export interface HostAnswer {
  id: number;
  json: string;
}

/** The way from a running guest to the main thread and back. */
export interface RequestLine {
  send(request: HostRequest): void;
  /** Sleeps until there is an answer to the running call. @returns null when there was none in time */
  receive(milliseconds: number): HostAnswer | null;
}

/** The requests of one call that are under way. */
export class HostRequests {
  readonly #line: RequestLine;
  readonly #open = new Set<number>();
  #last = 0;

  constructor(line: RequestLine) {
    this.#line = line;
  }

  /** How many have no answer yet. */
  get outstanding(): number {
    return this.#open.size;
  }

  /** @returns the number of the request, by which its answer is known */
  send(name: string, json: string): number {
    this.#last += 1;
    this.#open.add(this.#last);
    this.#line.send({ id: this.#last, name, json });
    return this.#last;
  }

  /** @returns the next answer; null when there was none in time */
  receive(milliseconds: number): HostAnswer | null {
    const answer = this.#line.receive(milliseconds);
    return answer !== null && this.#open.delete(answer.id) ? answer : null;
  }
}

/** The line of an engine that stands alone: nobody is there to ask. */
export const noLine: RequestLine = { send: () => undefined, receive: () => null };
