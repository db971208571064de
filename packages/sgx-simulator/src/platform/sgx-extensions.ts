import { boolean, type Der, enumerated, integer, octetString, oid, sequence } from '../der/der.ts';
import { extension } from '../der/extensions.ts';

/** The root of Intel's SGX extensions in PCK certificates. */
const sgxExtensionsOid = '1.2.840.113741.1.13.1';

/** What Intel writes into a PCK certificate about the platform (Intel PCK certificate specification, §1.3.5). */
export interface PckPlatform {
  /** 16 bytes. */
  ppid: Uint8Array;
  /** 16 bytes; here every byte is the SVN of one TCB component. */
  cpuSvn: Uint8Array;
  pceSvn: number;
  /** 2 bytes. */
  pceId: Uint8Array;
  /** 6 bytes. */
  fmspc: Uint8Array;
  /** 16 bytes. */
  platformInstanceId: Uint8Array;
}

/** The SGX extension of a PCK certificate issued by a platform CA (SGX type "standard"). */
export function sgxExtensions(platform: PckPlatform): Der {
  const field = (suffix: string, value: Der) => sequence(oid(`${sgxExtensionsOid}.${suffix}`), value);
  const components = [...platform.cpuSvn].map((svn, index) => field(`2.${index + 1}`, integer(svn)));
  return extension(
    sgxExtensionsOid,
    false,
    sequence(
      field('1', octetString(platform.ppid)),
      field(
        '2',
        sequence(...components, field('2.17', integer(platform.pceSvn)), field('2.18', octetString(platform.cpuSvn))),
      ),
      field('3', octetString(platform.pceId)),
      field('4', octetString(platform.fmspc)),
      field('5', enumerated(0)),
      field('6', octetString(platform.platformInstanceId)),
      field('7', sequence(field('7.1', boolean(false)), field('7.2', boolean(false)), field('7.3', boolean(false)))),
    ),
  );
}
