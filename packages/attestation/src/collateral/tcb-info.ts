import { type TcbStatus, TeeError } from '@neo-service-layer/tee-interface';
import { readIsvSvnLevels, readRating } from './isv-svn-levels.ts';
import { JsonFields } from './json-fields.ts';
import { readSignedJson, type SignedJson } from './signed-json.ts';
import { compareSvns, sortLevels } from './sort-levels.ts';

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
/** Members of a level of version 2, in the order of the components. */
const numberedNames = Array.from({ length: 16 }, (_, i) => `sgxtcbcomp${String(i + 1).padStart(2, '0')}svn`);

/**
 * The statuses that a level of TCB info may have. The two about relaunching are not issued but derived.
 */
const platformStatuses = [
  'UpToDate',
  'SWHardeningNeeded',
  'ConfigurationNeeded',
  'ConfigurationAndSWHardeningNeeded',
  'OutOfDate',
  'OutOfDateConfigurationNeeded',
  'Revoked',
] as const;
/** The statuses that a level of a TDX module identity may have (QVL accepts these three). */
const moduleStatuses = ['UpToDate', 'OutOfDate', 'Revoked'] as const;

/**
 * Reads TCB info (PCS API v3 and v4, "Get TCB Info"), as a whole answer or as its inner object. The signature is not
 * verified. Unknown members are ignored, unknown versions, statuses and component counts are refused, and so are two
 * levels with the same SVNs.
 * @throws {TeeError} ERR_TCB_INFO_FORMAT
 */
export function parseTcbInfo(bytes: Uint8Array, signature?: Uint8Array): SignedTcbInfo {
  const signed = readSignedJson(bytes, signature, 'tcbInfo', format);
  const document = new JsonFields(signed.value, format);
  return { info: document.oneOf('version', [2, 3]) === 2 ? readVersion2(document) : readVersion3(document), signed };
}

/** TCB info of PCS API v3: SGX only, one member for each component. */
function readVersion2(document: JsonFields): TcbInfo {
  if (document.has('id')) document.oneOf('id', ['SGX']);
  const levels = document.objects('tcbLevels', 1).map((level) => {
    const tcb = level.object('tcb');
    const sgxSvns = numberedNames.map((name) => tcb.integer(name, 255));
    return { ...readRating(level, platformStatuses), sgxSvns, tdxSvns: null, pceSvn: tcb.integer('pcesvn', 0xffff) };
  });
  return { ...readFacts(document), tee: 'sgx', version: 2, levels: sortLevels(levels, compareLevels, format) };
}

/** TCB info of PCS API v4. */
function readVersion3(document: JsonFields): TcbInfo {
  const tee = document.oneOf('id', ['SGX', 'TDX']) === 'TDX' ? 'tdx' : 'sgx';
  const read = document.objects('tcbLevels', 1).map((level) => ({ level, tcb: level.object('tcb') }));
  const levels = read.map(({ level, tcb }) => ({
    ...readRating(level, platformStatuses),
    sgxSvns: tcb.svns('sgxtcbcomponents', 16),
    tdxSvns: tee === 'tdx' ? tcb.svns('tdxtcbcomponents', 16) : null,
    pceSvn: tcb.integer('pcesvn', 0xffff),
  }));
  const [first] = read;
  const base: TcbInfo = {
    ...readFacts(document),
    // Early documents of version 2 have none; version 3 must.
    pceId: document.hex('pceId', 2),
    tee,
    version: 3,
    levels: sortLevels(levels, compareLevels, format),
    sgxComponents: readComponentNames(first?.tcb, 'sgxtcbcomponents'),
  };
  if (tee === 'sgx') return base;
  return {
    ...base,
    tdxComponents: readComponentNames(first?.tcb, 'tdxtcbcomponents'),
    tdxModule: readModule(document.object('tdxModule')),
    tdxModuleIdentities: readModuleIdentities(document),
  };
}

function readModule(module: JsonFields): NonNullable<TcbInfo['tdxModule']> {
  return {
    mrSigner: module.hex('mrsigner', 48),
    attributes: module.hex('attributes', 8),
    attributesMask: module.hex('attributesMask', 8),
  };
}

function readModuleIdentities(document: JsonFields): TdxModuleIdentity[] {
  if (!document.has('tdxModuleIdentities')) return [];
  const identities = document.objects('tdxModuleIdentities', 0).map((identity) => {
    const id = identity.optionalString('id', 6) ?? '';
    if (!/^TDX_[0-9a-fA-F]{2}$/.test(id)) throw identity.fault('id', 'TDX_ and two hex digits');
    return {
      id: `TDX_${id.slice(4).toUpperCase()}`,
      ...readModule(identity),
      levels: readIsvSvnLevels(identity, moduleStatuses, 255, format),
    };
  });
  if (new Set(identities.map(({ id }) => id)).size !== identities.length) {
    throw new TeeError(format, 'The TCB info describes a TDX module twice.');
  }
  return identities;
}

function readFacts(document: JsonFields) {
  document.oneOf('tcbType', [0]);
  return {
    issueDate: document.seconds('issueDate'),
    nextUpdate: document.seconds('nextUpdate'),
    fmspc: document.hex('fmspc', 6),
    pceId: document.has('pceId') ? document.hex('pceId', 2) : null,
    tcbEvaluationDataNumber: document.integer('tcbEvaluationDataNumber', Number.MAX_SAFE_INTEGER),
    sgxComponents: [],
    tdxComponents: [],
    tdxModule: null,
    tdxModuleIdentities: [],
  };
}

function readComponentNames(tcb: JsonFields | undefined, list: string): TcbComponentName[] {
  const components = tcb?.objects(list, 16) ?? [];
  return components.map((component) => ({
    category: component.optionalString('category', 256),
    type: component.optionalString('type', 256),
  }));
}

/** By the SVNs of SGX, then PCESVN, then the SVNs of TDX (QVL). */
function compareLevels(a: TcbLevel, b: TcbLevel): number {
  return compareSvns(a.sgxSvns, b.sgxSvns) || a.pceSvn - b.pceSvn || compareSvns(a.tdxSvns ?? [], b.tdxSvns ?? []);
}
