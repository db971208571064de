import { randomBytes } from 'node:crypto';
import { type Collateral, type TcbStatus, TeeError } from '@neo-service-layer/tee-interface';
import { makeCollateral } from './collateral.ts';
import { SimulatedEnclave } from './enclave.ts';
import type { Processor } from './identity.ts';
import { initialiseEnclave, type LaunchRequest } from './launch.ts';
import { simulatedFmspc, simulatedPceId } from './names.ts';
import { createPki, issuePck, newPrivateKey } from './pki.ts';
import { QuoteSigner } from './quote.ts';
import type { PckPlatform } from './sgx-extensions.ts';
import { type PlatformState, stateFormat } from './state.ts';
import { createState, readState, replaceState } from './state-folder.ts';

/** What can be changed about a simulated machine, and about what the simulated Intel publishes for it. */
export interface PlatformChanges {
  /** 16 component SVNs of one byte: a microcode update, or its removal. The PCK certificate is issued anew. */
  cpuSvn?: Uint8Array;
  pceSvn?: number;
  qeIsvSvn?: number;
  tcbStatus?: TcbStatus;
  advisoryIds?: string[];
  qeTcbStatus?: TcbStatus;
  pckRevoked?: boolean;
  platformCaRevoked?: boolean;
  tcbEvaluationDataNumber?: number;
  /** TCB date of the machine's level; by default it is as new as the collateral. */
  tcbDate?: Date;
}

/**
 * A machine with SGX, in software: its keys lie readable in its state folder, so it protects nothing. What it makes has
 * genuine layouts and signatures, under a root that says it is simulated and that verifiers refuse unless told.
 *
 * A machine is its folder: another folder is another CPU. An instance is a snapshot: {@link change} gives a new one,
 * and enclaves launched from the old one go on as they were.
 */
export class SimulatedPlatform {
  readonly #folder: string;
  readonly #state: PlatformState;
  readonly #processor: Processor;
  #quotes: QuoteSigner | undefined;

  private constructor(folder: string, state: PlatformState) {
    this.#folder = folder;
    this.#state = state;
    this.#processor = {
      fuseKey: Buffer.from(state.fuseKey, 'hex'),
      ownerEpoch: Buffer.from(state.ownerEpoch, 'hex'),
      cpuSvn: new Uint8Array(Buffer.from(state.cpuSvn, 'hex')),
    };
  }

  /**
   * Opens the machine in `stateDir`, or makes a new one there (0700; safe against others doing so at once and against
   * being killed on the way).
   *
   * @param options.now when a new machine's certificates begin to be valid; default the current time
   * @throws {TeeError} ERR_SIMULATOR_STATE for a folder with a damaged machine or something else in it
   */
  static async open(stateDir: string, options: { now?: Date } = {}): Promise<SimulatedPlatform> {
    const make = () => newState(options.now ?? new Date());
    return new SimulatedPlatform(stateDir, (await readState(stateDir)) ?? (await createState(stateDir, make)));
  }

  /** The machine in `stateDir`. @throws {TeeError} ERR_SIMULATOR_STATE also when there is none. */
  static async openExisting(stateDir: string): Promise<SimulatedPlatform> {
    const state = await readState(stateDir);
    if (state !== null) return new SimulatedPlatform(stateDir, state);
    throw new TeeError('ERR_SIMULATOR_STATE', `There is no simulated platform in ${stateDir}.`, {
      hint: 'It is made when occlum-sim first runs an enclave.',
    });
  }

  /** The simulation root (DER), to be passed to a verifier as trust anchor along with allowSimulation. */
  get rootCertificate(): Uint8Array {
    return new Uint8Array(Buffer.from(this.#state.root.certificate, 'base64'));
  }

  /** The current CPUSVN: 16 component SVNs. */
  get cpuSvn(): Uint8Array {
    return this.#processor.cpuSvn.slice();
  }

  /** What the simulated Intel publishes for this machine as of `now`: issued an hour before, valid for 30 days. */
  collateral(now: Date): Collateral {
    return makeCollateral(this.#state, now);
  }

  /** Launches a signed enclave. @throws {TeeError} ERR_EINIT_REFUSED, ERR_DEVICE_STRUCT */
  launch(request: LaunchRequest): SimulatedEnclave {
    this.#quotes ??= new QuoteSigner(this.#processor, this.#state);
    return new SimulatedEnclave(initialiseEnclave(request), this.#processor, this.#quotes, randomBytes);
  }

  /**
   * Changes the machine on disk and returns it as it is then. Changing an SVN issues a new PCK certificate and makes
   * the new level the one that `tcbStatus` is about.
   *
   * @param now when the new PCK certificate begins to be valid
   * @throws {TeeError} ERR_INVALID_ARGUMENT for a CPUSVN that is not 16 bytes
   */
  async change(changes: PlatformChanges, now: Date = new Date()): Promise<SimulatedPlatform> {
    const { cpuSvn, tcbDate, ...rest } = changes;
    if (cpuSvn !== undefined && cpuSvn.length !== 16) {
      throw new TeeError('ERR_INVALID_ARGUMENT', 'A CPUSVN is 16 bytes.', { actual: `${cpuSvn.length} bytes` });
    }
    const state = {
      ...this.#state,
      ...rest,
      ...(cpuSvn === undefined ? {} : { cpuSvn: Buffer.from(cpuSvn).toString('hex') }),
      ...(tcbDate === undefined ? {} : { tcbDate: tcbDate.toISOString() }),
    };
    if (state.cpuSvn !== this.#state.cpuSvn || state.pceSvn !== this.#state.pceSvn) {
      state.pck = issuePck(state.platformCa, state.pck.privateKey, pckPlatform(state), now);
    }
    await replaceState(this.#folder, state);
    return new SimulatedPlatform(this.#folder, state);
  }
}

function newState(now: Date): PlatformState {
  const hex = (length: number) => randomBytes(length).toString('hex');
  const machine = {
    fuseKey: hex(16),
    ownerEpoch: '00'.repeat(16),
    ppid: hex(16),
    platformInstanceId: hex(16),
    cpuSvn: '05050202030100070000000000000000',
    pceSvn: 13,
    qeIsvSvn: 8,
    qeAuthenticationData: hex(32),
  };
  return {
    format: stateFormat,
    ...machine,
    attestationKey: newPrivateKey(),
    ...createPki(pckPlatform(machine), now),
    tcbStatus: 'UpToDate',
    advisoryIds: [],
    qeTcbStatus: 'UpToDate',
    pckRevoked: false,
    platformCaRevoked: false,
    tcbEvaluationDataNumber: 1,
  };
}

function pckPlatform(state: Pick<PlatformState, 'ppid' | 'platformInstanceId' | 'cpuSvn' | 'pceSvn'>): PckPlatform {
  return {
    ppid: Buffer.from(state.ppid, 'hex'),
    cpuSvn: Buffer.from(state.cpuSvn, 'hex'),
    pceSvn: state.pceSvn,
    pceId: simulatedPceId,
    fmspc: simulatedFmspc,
    platformInstanceId: Buffer.from(state.platformInstanceId, 'hex'),
  };
}
