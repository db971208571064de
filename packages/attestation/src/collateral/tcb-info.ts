import { type TcbStatus, TeeError } from '@neo-service-layer/tee-interface';
import type * as z from 'zod';
import { dateSeconds, parseDocument } from './json-fields.ts';
import { readSignedJson, type SignedJson } from './signed-json.ts';
import { sortLevels } from './sort-levels.ts';
import {
  numberedNames,
  type TcbComponent,
  type Version2,
  type Version3,
  version2,
  version3Sgx,
  version3Tdx,
} from './tcb-info-schema.ts';

/** One TCB level: the lowest SVNs that have it, and how Intel rates it. */
export interface TcbLevel {
  sgxSvns: readonly number[];
  /** TDX only. */
  tdxSvns: readonly number[] | null;
  pceSvn: number;
  tcbDate: string;
  status: TcbStatus;
  advisoryIds: readonly string[];
}

/** What a component number stands for, where TCB info version 3 says so. */
export interface TcbComponentName {
  category: string | null;
  type: string | null;
}

/** A TDX module version with its own levels. */
export interface TdxModuleIdentity {
  /** `TDX_` and the version as two hex digits, upper case. */
  id: string;
  mrSigner: string;
  attributes: string;
  attributesMask: string;
  levels: readonly IsvSvnLevel[];
}

/** A level of something that has just an ISVSVN: the quoting enclave, or a TDX module. */
export interface IsvSvnLevel {
  isvSvn: number;
  tcbDate: string;
  status: TcbStatus;
  advisoryIds: readonly string[];
}

/** TCB info, version 2 or 3, as it was read. Levels are sorted, highest first. */
export interface TcbInfo {
  tee: 'sgx' | 'tdx';
  version: 2 | 3;
  /** Unix seconds. */
  issueDate: number;
  /** Unix seconds. */
  nextUpdate: number;
  fmspc: string;
  /** Null in early documents of version 2. */
  pceId: string | null;
  tcbEvaluationDataNumber: number;
  levels: readonly TcbLevel[];
  /** Names of the 16 SGX components, and of the 16 TDX components. Empty in version 2. */
  sgxComponents: readonly TcbComponentName[];
  tdxComponents: readonly TcbComponentName[];
  /** Identity of the TDX module when TEE_TCB_SVN[1] is 0. TDX only. */
  tdxModule: { mrSigner: string; attributes: string; attributesMask: string } | null;
  tdxModuleIdentities: readonly TdxModuleIdentity[];
}

/** TCB info with the bytes and signature it came with. */
export interface SignedTcbInfo {
  info: TcbInfo;
  signed: SignedJson;
}

const format = 'ERR_TCB_INFO_FORMAT';

/**
 * Reads TCB info (PCS API v3 and v4, "Get TCB Info"), as a whole answer or as its inner object. The signature is not
 * verified. Unknown members are ignored, unknown versions, statuses and component counts are refused, and so are two
 * levels with the same SVNs.
 * @throws {TeeError} ERR_TCB_INFO_FORMAT
 */
export function parseTcbInfo(bytes: Uint8Array, signature?: Uint8Array): SignedTcbInfo {
  const signed = readSignedJson(bytes, signature, 'tcbInfo', format);
  const { version, id } = signed.value;
  if (version === 2) return { info: fromVersion2(parseDocument(version2, signed.value, format, 'TCB info')), signed };
  if (version !== 3) throw new TeeError(format, 'The TCB info is of an unknown version.', { actual: String(version) });
  const schema = id === 'TDX' ? version3Tdx : version3Sgx;
  return { info: fromVersion3(parseDocument<Version3>(schema, signed.value, format, 'TCB info')), signed };
}

function fromVersion2(document: Version2): TcbInfo {
  const levels = document.tcbLevels.map((level) => {
    const sgxSvns = numberedNames.map((name) => Number(level.tcb[name]));
    return { ...rating(level), sgxSvns, tdxSvns: null, pceSvn: Number(level.tcb['pcesvn']) };
  });
  return { ...facts(document), tee: 'sgx', version: 2, levels: sortLevels(levels, levelKey, format) };
}

function fromVersion3(document: Version3): TcbInfo {
  const levels = document.tcbLevels.map((level) => ({
    ...rating(level),
    sgxSvns: level.tcb.sgxtcbcomponents.map(({ svn }) => svn),
    tdxSvns: 'tdxtcbcomponents' in level.tcb ? level.tcb.tdxtcbcomponents.map(({ svn }) => svn) : null,
    pceSvn: level.tcb.pcesvn,
  }));
  const [first] = document.tcbLevels;
  const base: TcbInfo = {
    ...facts(document),
    tee: document.id === 'TDX' ? 'tdx' : 'sgx',
    version: 3,
    levels: sortLevels(levels, levelKey, format),
    sgxComponents: (first?.tcb.sgxtcbcomponents ?? []).map(componentName),
  };
  if (document.id === 'SGX') return base;
  const tdxFirst = document.tcbLevels[0]?.tcb.tdxtcbcomponents ?? [];
  const { mrsigner, attributes, attributesMask } = document.tdxModule;
  return {
    ...base,
    tdxComponents: tdxFirst.map(componentName),
    tdxModule: { mrSigner: mrsigner, attributes, attributesMask },
    tdxModuleIdentities: readModuleIdentities(document),
  };
}

function readModuleIdentities(document: z.infer<typeof version3Tdx>): TdxModuleIdentity[] {
  const identities = document.tdxModuleIdentities.map(({ id, mrsigner, attributes, attributesMask, tcbLevels }) => ({
    id: `TDX_${id.slice(4).toUpperCase()}`,
    mrSigner: mrsigner,
    attributes,
    attributesMask,
    levels: sortLevels(
      tcbLevels.map((level) => ({ ...rating(level), isvSvn: level.tcb.isvsvn })),
      ({ isvSvn }) => [isvSvn],
      format,
    ),
  }));
  if (new Set(identities.map(({ id }) => id)).size !== identities.length) {
    throw new TeeError(format, 'The TCB info describes a TDX module twice.');
  }
  return identities;
}

function facts(document: Version2 | Version3) {
  return {
    issueDate: dateSeconds(document.issueDate),
    nextUpdate: dateSeconds(document.nextUpdate),
    fmspc: document.fmspc,
    pceId: document.pceId ?? null,
    tcbEvaluationDataNumber: document.tcbEvaluationDataNumber,
    sgxComponents: [],
    tdxComponents: [],
    tdxModule: null,
    tdxModuleIdentities: [],
  };
}

function rating(level: { tcbDate: string; tcbStatus: TcbStatus; advisoryIDs: string[] }) {
  return { tcbDate: level.tcbDate, status: level.tcbStatus, advisoryIds: level.advisoryIDs };
}

function levelKey({ sgxSvns, pceSvn, tdxSvns }: TcbLevel): number[] {
  return [...sgxSvns, pceSvn, ...(tdxSvns ?? [])];
}

function componentName(component: TcbComponent): TcbComponentName {
  return { category: component.category ?? null, type: component.type ?? null };
}
