import { TeeError } from '@neo-service-layer/tee-interface';
import { type DerElement, derFault, derTags } from '../der/der-element.ts';
import { DerReader } from '../der/der-reader.ts';
import { readBoolean, readEnumerated, readOctets, readOid, readSmallInteger } from '../der/der-values.ts';
import type { Certificate } from './certificate.ts';
import { oids } from './oids.ts';

/** What a PCK certificate says of its platform (Intel SGX PCK Certificate and CRL Profile, "SGX Extensions"). */
export interface PckExtension {
  /** 16 bytes. */
  ppid: Uint8Array;
  /** SVNs of the 16 SGX TCB components, each 0 to 255. */
  tcbComponentSvns: readonly number[];
  pceSvn: number;
  /** 16 bytes. */
  cpuSvn: Uint8Array;
  /** 2 bytes, as they stand in TCB info. */
  pceId: Uint8Array;
  /** 6 bytes. */
  fmspc: Uint8Array;
  sgxType: 'standard' | 'scalable' | 'scalable-with-integrity';
  /** 16 bytes; only in certificates of the Platform CA. */
  platformInstanceId: Uint8Array | null;
  /** Only in certificates of the Platform CA. */
  configuration: { dynamicPlatform: boolean | null; cachedKeys: boolean | null; smtEnabled: boolean | null } | null;
}

/** Content octets of the OID of the SGX extensions, 1.2.840.113741.1.13.1, beneath which each member has its own. */
const sgxArcs = [0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01] as const;

const sgxTypes = ['standard', 'scalable', 'scalable-with-integrity'] as const;

/**
 * Reads the SGX extension of a PCK certificate.
 * @throws {TeeError} ERR_PCK_EXTENSION when it is missing, malformed, or lacks or repeats a member
 */
export function parsePckExtension(certificate: Certificate): PckExtension {
  const extension = certificate.extensions.get(oids.sgxExtensions);
  if (!extension) throw new TeeError('ERR_PCK_EXTENSION', 'The certificate has no SGX extension.');
  try {
    return readExtension(extension.value);
  } catch (cause) {
    if (!(cause instanceof TeeError)) throw cause;
    throw new TeeError('ERR_PCK_EXTENSION', `The SGX extension is malformed: ${cause.message}`, { cause });
  }
}

function readExtension(value: Uint8Array): PckExtension {
  const members = new Members(DerReader.open(value), sgxArcs);
  const tcb = new Members(members.required(2).enter(), [...sgxArcs, 2]);
  const tcbComponentSvns = Array.from({ length: 16 }, (_, i) => readSmallInteger(tcb.required(i + 1).next(), 255));
  const configuration = members.optional(7);
  return {
    ppid: readOctets(members.required(1).next(), 16),
    tcbComponentSvns,
    pceSvn: readSmallInteger(tcb.required(17).next(), 0xffff),
    cpuSvn: readOctets(tcb.required(18).next(), 16),
    pceId: readOctets(members.required(3).next(), 2),
    fmspc: readOctets(members.required(4).next(), 6),
    sgxType: sgxTypes[readEnumerated(members.required(5).next(), 2)] ?? 'standard',
    platformInstanceId: readOptionalOctets(members.optional(6)),
    configuration: configuration ? readConfiguration(configuration.enter()) : null,
  };
}

function readOptionalOctets(member: DerReader | null): Uint8Array | null {
  return member ? readOctets(member.next(), 16) : null;
}

function readConfiguration(list: DerReader): PckExtension['configuration'] {
  const members = new Members(list, [...sgxArcs, 7]);
  const flag = (arc: number): boolean | null => {
    const member = members.optional(arc);
    return member ? readBoolean(member.next()) : null;
  };
  return { dynamicPlatform: flag(1), cachedKeys: flag(2), smtEnabled: flag(3) };
}

/** A sequence of { OID, value } pairs, by the last arc of the OID. Members that are not known yet are left alone. */
class Members {
  readonly #values = new Map<number | string, DerElement>();

  /** @param arcs content octets of the OID beneath which the members stand */
  constructor(list: DerReader, arcs: readonly number[]) {
    while (!list.done) {
      const member = list.enter();
      const oid = member.next();
      const value = member.next();
      member.end();
      // Spelling out an OID takes longer than all the rest.
      const arc = lastArc(oid, arcs) ?? readOid(oid);
      if (this.#values.has(arc)) throw derFault('A member occurs twice.', undefined, String(arc));
      this.#values.set(arc, value);
    }
  }

  optional(arc: number): DerReader | null {
    const value = this.#values.get(arc);
    return value ? new DerReader(value.bytes, value.start, value.end) : null;
  }

  required(arc: number): DerReader {
    const member = this.optional(arc);
    if (!member) throw derFault('A member is missing.', `arc ${arc}`);
    return member;
  }
}

/** The one arc by which an OID is longer than `arcs`; null when it is not, or when that takes more than one octet. */
function lastArc({ tag, bytes, contentStart, end }: DerElement, arcs: readonly number[]): number | null {
  if (tag !== derTags.oid || end - contentStart !== arcs.length + 1) return null;
  for (let i = 0; i < arcs.length; i += 1) if (bytes[contentStart + i] !== arcs[i]) return null;
  const last = bytes[end - 1] ?? 0x80;
  return last < 0x80 ? last : null;
}
