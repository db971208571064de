import { connect, type Socket } from 'node:net';
import type { OcclumConfig } from '../instance/occlum-json.ts';
import type { ProgramRules } from '../sandbox/check-program.ts';
import type { SandboxHandle } from '../sandbox/handle.ts';

/** What a client says to the server of an instance: one JSON value a line. */
export type ServerRequest =
  | { op: 'exec' }
  /** The program of this connection's exec runs; `pid` stands for it (RunningProgram.pid). */
  | { op: 'started'; pid: number }
  | { op: 'stop' };

/** What the server answers to `exec`; `stop` is answered by `{}` once every program has ended. */
export interface ExecGrant {
  handle: SandboxHandle;
  env: OcclumConfig['env'];
  programs: ProgramRules;
}

/** One connection, speaking JSON lines. */
export class LineConnection {
  readonly #socket: Socket;
  #buffer = '';

  constructor(socket: Socket, receive: (value: unknown) => void, closed: () => void) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      this.#buffer += text;
      if (this.#buffer.length > 65_536) socket.destroy();
      const lines = this.#buffer.split('\n');
      this.#buffer = lines.pop() ?? '';
      try {
        for (const line of lines) receive(JSON.parse(line));
      } catch {
        socket.destroy();
      }
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', closed);
  }

  send(value: object): void {
    this.#socket.write(`${JSON.stringify(value)}\n`);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/**
 * Connects to the server of the instance in the current folder. The path is relative: socket paths are short.
 * @returns null when there is no server (a socket that a killed one left behind does not count)
 */
export function connectServer(
  receive: (value: unknown) => void,
  closed: () => void = () => {},
): Promise<LineConnection | null> {
  return new Promise((resolve) => {
    const socket = connect('run/occlum_exec.sock');
    socket.once('error', () => resolve(null));
    socket.once('connect', () => resolve(new LineConnection(socket, receive, closed)));
  });
}
