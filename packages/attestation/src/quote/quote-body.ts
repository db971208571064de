import type { ByteCursor } from '../bytes/byte-cursor.ts';
import { parseReportBody } from '../device/report-body.ts';
import type { QuoteBody, SgxQuoteBody, Td10QuoteBody, Td15ExQuoteBody, Td15QuoteBody } from './quote.ts';

/** Lengths of the bodies (Intel SGX/TDX DCAP quoting library, quote formats 3 to 5). */
export const bodySizes = { sgx: 384, td10: 584, td15: 648, td15ex: 885 } as const;

/** Reads the body of this kind at the cursor. */
export function readQuoteBody(cursor: ByteCursor, kind: QuoteBody['kind']): QuoteBody {
  if (kind === 'sgx') return readSgxBody(cursor);
  const td10 = readTd10Body(cursor);
  if (kind === 'td10') return td10;
  const td15 = readTd15Rest(cursor, td10);
  return kind === 'td15' ? td15 : readTd15ExRest(cursor, td15);
}

function readSgxBody(cursor: ByteCursor): SgxQuoteBody {
  return { kind: 'sgx', ...parseReportBody(cursor.take(bodySizes.sgx, 'the report body')) };
}

function readTd10Body(cursor: ByteCursor): Td10QuoteBody {
  const measurement = (field: string) => cursor.take(48, field);
  return {
    kind: 'td10',
    teeTcbSvn: cursor.take(16, 'TEE_TCB_SVN'),
    mrSeam: measurement('MRSEAM'),
    mrSignerSeam: measurement('MRSIGNERSEAM'),
    seamAttributes: cursor.take(8, 'SEAMATTRIBUTES'),
    tdAttributes: cursor.take(8, 'TDATTRIBUTES'),
    xfam: cursor.take(8, 'XFAM'),
    mrTd: measurement('MRTD'),
    mrConfigId: measurement('MRCONFIGID'),
    mrOwner: measurement('MROWNER'),
    mrOwnerConfig: measurement('MROWNERCONFIG'),
    rtmrs: [measurement('RTMR0'), measurement('RTMR1'), measurement('RTMR2'), measurement('RTMR3')],
    reportData: cursor.take(64, 'REPORTDATA'),
  };
}

function readTd15Rest(cursor: ByteCursor, td10: Td10QuoteBody): Td15QuoteBody {
  return {
    ...td10,
    kind: 'td15',
    teeTcbSvn2: cursor.take(16, 'TEE_TCB_SVN_2'),
    mrServiceTd: cursor.take(48, 'MR_SERVICETD'),
  };
}

function readTd15ExRest(cursor: ByteCursor, td15: Td15QuoteBody): Td15ExQuoteBody {
  const [vmId = 0] = cursor.take(1, 'VMID');
  return {
    ...td15,
    kind: 'td15ex',
    vmId,
    tdId: cursor.take(32, 'TD_ID'),
    devInfo: cursor.take(48, 'DEVINFO'),
    initServTdHash: cursor.take(48, 'INIT_SERVTD_HASH'),
    initServTdAttributes: cursor.take(8, 'INIT_SERVTD_ATTR'),
    initCpuSvn: cursor.take(16, 'INIT_CPUSVN'),
    initTeeTcbSvn: cursor.take(16, 'INIT_TEE_TCB_SVN'),
    initTeeFmspc: cursor.take(12, 'INIT_TEE_FMSPC'),
    curServTdHash: cursor.take(48, 'CUR_SERVTD_HASH'),
    curServTdAttributes: cursor.take(8, 'CUR_SERVTD_ATTR'),
  };
}
