import type { ByteCursor } from '../bytes/byte-cursor.ts';
import { parseReportBody } from '../device/report-body.ts';
import type { QuoteBody, SgxQuoteBody, Td10QuoteBody, Td15QuoteBody } from './quote.ts';

/** Lengths of the bodies (Intel SGX/TDX DCAP quoting library, quote formats 3 to 5). */
export const bodySizes = { sgx: 384, td10: 584, td15: 648 } as const;

/** Reads the body of this kind at the cursor. */
export function readQuoteBody(cursor: ByteCursor, kind: QuoteBody['kind']): QuoteBody {
  if (kind === 'sgx') return readSgxBody(cursor);
  const td10 = readTd10Body(cursor);
  return kind === 'td10' ? td10 : readTd15Rest(cursor, td10);
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
