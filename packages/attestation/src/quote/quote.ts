import type { ReportBody } from '../device/report-body.ts';

/** The 48 bytes at the start of a quote. */
export interface QuoteHeader {
  version: 3 | 4 | 5;
  /** 2 is ECDSA-256-with-P-256, the only one supported. */
  attestationKeyType: number;
  /** 0 is SGX, 0x81 is TDX. Version 3 has a reserved field in its place, which is zero. */
  teeType: number;
  qeSvn: number;
  pceSvn: number;
  /** 16 bytes. */
  qeVendorId: Uint8Array;
  /** 20 bytes; the first 16 are the platform's QE id. */
  userData: Uint8Array;
}

/** The SGX report body of a quote. */
export interface SgxQuoteBody extends ReportBody {
  kind: 'sgx';
}

/** The TD report body of TDX 1.0 (584 bytes); byte strings in memory order. */
export interface Td10QuoteBody {
  kind: 'td10';
  /** 16 bytes. */
  teeTcbSvn: Uint8Array;
  /** 48 bytes. */
  mrSeam: Uint8Array;
  /** 48 bytes; zero for a module of Intel. */
  mrSignerSeam: Uint8Array;
  /** 8 bytes. */
  seamAttributes: Uint8Array;
  /** 8 bytes. */
  tdAttributes: Uint8Array;
  /** 8 bytes. */
  xfam: Uint8Array;
  /** 48 bytes. */
  mrTd: Uint8Array;
  /** 48 bytes. */
  mrConfigId: Uint8Array;
  /** 48 bytes. */
  mrOwner: Uint8Array;
  /** 48 bytes. */
  mrOwnerConfig: Uint8Array;
  /** RTMR0 to RTMR3, 48 bytes each. */
  rtmrs: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  /** 64 bytes. */
  reportData: Uint8Array;
}

/** The TD report body of TDX 1.5 (648 bytes). */
export interface Td15QuoteBody extends Omit<Td10QuoteBody, 'kind'> {
  kind: 'td15';
  /** 16 bytes: the TDX module that runs now; `teeTcbSvn` is the one that launched the TD. */
  teeTcbSvn2: Uint8Array;
  /** 48 bytes. */
  mrServiceTd: Uint8Array;
}

/** The TD report body of TDX 1.5 with the history of migrations (885 bytes). */
export interface Td15ExQuoteBody extends Omit<Td15QuoteBody, 'kind'> {
  kind: 'td15ex';
  vmId: number;
  /** 32 bytes: chosen anew at each launch; zero when the host does not report it. */
  tdId: Uint8Array;
  /** 48 bytes. */
  devInfo: Uint8Array;
  /** 48 bytes. */
  initServTdHash: Uint8Array;
  /** 8 bytes. */
  initServTdAttributes: Uint8Array;
  /** 16 bytes. */
  initCpuSvn: Uint8Array;
  /** 16 bytes. */
  initTeeTcbSvn: Uint8Array;
  /** 12 bytes. */
  initTeeFmspc: Uint8Array;
  /** 48 bytes. */
  curServTdHash: Uint8Array;
  /** 8 bytes. */
  curServTdAttributes: Uint8Array;
}

/** A TD report body of any kind. */
export type TdQuoteBody = Td10QuoteBody | Td15QuoteBody | Td15ExQuoteBody;

/** Any body of a quote, told apart by `kind`. */
export type QuoteBody = SgxQuoteBody | TdQuoteBody;

/** How a quote says which PCK certificate made it. */
export type CertificationData =
  /** Types 1 to 3: the platform by its (encrypted) PPID; the verifier must find the certificate elsewhere. */
  | {
      type: 1 | 2 | 3;
      kind: 'ppid' | 'ppid-rsa2048' | 'ppid-rsa3072';
      ppid: Uint8Array;
      cpuSvn: Uint8Array;
      pceSvn: number;
      pceId: Uint8Array | null;
      bytes: Uint8Array;
    }
  /** Type 4: the PCK certificate alone; type 5: with its chain. */
  | { type: 4 | 5; kind: 'pck-certificate' | 'pck-chain'; bytes: Uint8Array }
  /** Anything else, e.g. the platform manifest (7): read past, not understood. */
  | { type: number; kind: 'unknown'; bytes: Uint8Array };

/**
 * A quote as it was read. **Nothing in it is verified**: anyone can write these bytes. It is a view for inspection;
 * `verifyQuote` reads `bytes` again and looks at nothing else of it.
 */
export interface UnverifiedQuote {
  tee: 'sgx' | 'tdx';
  header: QuoteHeader;
  body: QuoteBody;
  /** What the attestation key signs: header and body as they stand. */
  signedBytes: Uint8Array;
  /** 64 bytes: r and s, big-endian. */
  signature: Uint8Array;
  /** 64 bytes: x and y, big-endian. */
  attestationKey: Uint8Array;
  qeReport: ReportBody;
  /** The 384 bytes that the PCK certificate signs. */
  qeReportBytes: Uint8Array;
  /** 64 bytes: r and s, big-endian. */
  qeReportSignature: Uint8Array;
  qeAuthenticationData: Uint8Array;
  certificationData: CertificationData;
  /** Bytes after the quote. Buffers are often larger than the quote; they are covered by nothing. */
  trailingBytes: number;
  /** The quote without what trails it, in memory of its own. */
  bytes: Uint8Array;
}
