import { rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { currentFaults } from '../faults/faults.ts';
import type { InstanceLayout } from '../instance/layout.ts';
import { noteSandbox, takeLock } from '../instance/lock.ts';
import { killQuietly } from '../process/kill-quietly.ts';
import type { EnclaveOptions, OpenEnclave } from '../sandbox/open-enclave.ts';
import { openEnclave } from '../sandbox/open-enclave.ts';
import { killProgram, programsOf } from '../sandbox/start-program.ts';
import { watchThreads } from '../strict/watch-threads.ts';
import { type ExecGrant, LineConnection, type ServerRequest } from './protocol.ts';

/**
 * The server that `occlum start` leaves behind: keeps one enclave and its sandbox, in which every `occlum exec` starts
 * its program by itself. A client that goes away takes its program with it; when the server goes, all go.
 */
export class ExecServer {
  readonly #enclave: OpenEnclave;
  readonly #release: () => void;
  readonly #connections = new Set<LineConnection>();
  readonly #programs = new Set<number>();
  #server: Server | undefined;

  private constructor(enclave: OpenEnclave, release: () => void) {
    this.#enclave = enclave;
    this.#release = release;
  }

  /**
   * Launches the instance in the current folder and listens.
   * @returns null when another process runs the instance
   * @throws what openEnclave throws
   */
  static async start(layout: InstanceLayout, options: EnclaveOptions): Promise<ExecServer | null> {
    const release = takeLock(layout.lock);
    if (release === null) return null;
    try {
      const enclave = await openEnclave(layout, options);
      if (enclave.handle.rootfs === 'image') noteSandbox(layout.lock, enclave.handle.init);
      const server = new ExecServer(enclave, release);
      await server.#listen();
      return server;
    } catch (error) {
      release();
      throw error;
    }
  }

  /**
   * Under --strict: tells of a program that has more threads than the enclave has room for, all programs together, and
   * ends it. @param told gets the program's number on the host
   */
  watchThreads(told: (program: number) => void): void {
    const { handle, threadLimit } = this.#enclave;
    const programs = () => [...this.#programs].flatMap((pid) => programsOf(handle, pid));
    watchThreads(programs, threadLimit, (program) => {
      told(program);
      killQuietly(program);
      this.watchThreads(told);
    });
  }

  /** Ends as an enclave that was lost: its clients learn that before they learn how their programs ended. */
  async lose(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    await this.stop();
  }

  /** Ends every program, the sandbox and the enclave. */
  async stop(): Promise<void> {
    this.#server?.close();
    for (const pid of this.#programs) killProgram(this.#enclave.handle, pid);
    await this.#enclave.close();
    for (const connection of this.#connections) connection.close();
    this.#release();
  }

  async #listen(): Promise<void> {
    const path = 'run/occlum_exec.sock';
    // The lock is ours, so whatever lies there belongs to a server that was killed.
    rmSync(path, { force: true });
    const server = createServer((socket) => {
      let pid: number | undefined;
      const connection: LineConnection = new LineConnection(
        socket,
        (value) => {
          const request = value as ServerRequest;
          if (request.op === 'started') {
            pid = request.pid;
            this.#programs.add(pid);
          } else void this.#answer(request, connection);
        },
        () => {
          this.#connections.delete(connection);
          if (pid === undefined) return;
          this.#programs.delete(pid);
          killProgram(this.#enclave.handle, pid);
        },
      );
      this.#connections.add(connection);
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path, resolve);
    });
  }

  async #answer(request: ServerRequest, connection: LineConnection): Promise<void> {
    if (request.op === 'exec') {
      const { handle, config, programs } = this.#enclave;
      const rules = { entryPoints: config.entry_points, ...programs };
      const grant: ExecGrant = { handle, env: config.env, programs: rules };
      connection.send(grant);
    } else if (request.op === 'stop') {
      if (currentFaults().has('stop-hangs')) return;
      this.#connections.delete(connection);
      await this.stop();
      connection.send({});
      setImmediate(() => process.exit(0));
    }
  }
}
