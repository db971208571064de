import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { encodeFrame, FrameReader } from './framing.ts';
import type { IsolateOrder, IsolateReport } from './isolate-messages.ts';
import { parseReport } from './parse-report.ts';

/** What a process runs. */
export interface ProcessFiles {
  /** Its program, worker/isolate-process.ts as it is built. */
  program: URL;
  /** The module isolated-vm. */
  addon: string;
}

/** What comes of a process. */
export interface LineEvents {
  /** The most bytes that a message may have at this moment. */
  mostBytes(): number;
  /** It says something; null for what makes no sense. */
  report(report: IsolateReport | null): void;
  /** It has ended, or could not be started. */
  end(): void;
}

/** A process of the engine, and the line to it: descriptor 3 on its side. Everything it says is checked for its shape. */
export class IsolateLine {
  readonly #child: ChildProcess;
  readonly #socket: Socket;
  #end: (() => void) | null;
  #resolveExited: (() => void) | null = null;
  /** Resolves when the process is no more. */
  readonly exited = new Promise<void>((resolve) => {
    this.#resolveExited = resolve;
  });

  constructor({ program, addon }: ProcessFiles, events: LineEvents) {
    this.#end = () => events.end();
    this.#child = spawn(process.execPath, ['--no-warnings', fileURLToPath(program), addon], {
      // Nothing of the parent's: the time zone is the guests'.
      env: { TZ: 'UTC' },
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    const line = this.#child.stdio[3];
    if (!(line instanceof Socket)) throw new Error('the process has no line');
    this.#socket = line;
    const reader = new FrameReader(
      () => events.mostBytes(),
      (json) => events.report(parseReport(json)),
    );
    line.on('data', (piece: Buffer) => {
      try {
        reader.push(piece);
      } catch {
        events.report(null);
      }
    });
    line.on('error', () => this.kill());
    this.#child.on('error', () => this.#ended());
    this.#child.on('exit', () => this.#ended());
  }

  tell(order: IsolateOrder): void {
    this.#socket.write(encodeFrame(order));
  }

  /** Teardown of V8 with isolates in it may crash, so it never ends in another way. */
  kill(): void {
    this.#child.kill('SIGKILL');
  }

  /** @param held whether the process keeps this program alive */
  hold(held: boolean): void {
    for (const handle of [this.#socket, this.#child]) {
      if (held) handle.ref();
      else handle.unref();
    }
  }

  #ended(): void {
    const end = this.#end;
    this.#end = null;
    if (end === null) return;
    this.#socket.destroy();
    this.#resolveExited?.();
    end();
  }
}
