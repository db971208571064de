import type { TeeError } from '@neo-service-layer/tee-interface';
import { parseQuote } from '../../../src/quote/parse-quote.ts';
import { CollateralService } from '../../../src/service/collateral-service.ts';
import type { CollateralServiceOptions } from '../../../src/service/service-options.ts';
import { type Faults, type TestEvidence, testEvidence, testNow } from '../../helpers/test-pki.ts';
import { type CollateralServer, startCollateralServer } from './collateral-server.ts';

/** A client with short pauses, whose warnings and clock the test holds. */
export interface TestClient {
  service: CollateralService;
  warnings: TeeError[];
  clock: { now: number };
}

/** A client of this server. */
export function testClient(
  server: Pick<CollateralServer, 'baseUrl'>,
  options: Partial<CollateralServiceOptions> & { clock?: { now: number } } = {},
): TestClient {
  const warnings: TeeError[] = [];
  const { clock = { now: testNow }, ...rest } = options;
  const service = new CollateralService({
    baseUrl: server.baseUrl,
    now: () => clock.now,
    rng: () => 0.5,
    baseDelayMs: 2,
    maxDelayMs: 10,
    onWarning: (warning) => warnings.push(warning),
    ...rest,
  });
  return { service, warnings, clock };
}

/** Evidence of the test PKI with its PCK CA beside it, and a server that has the collateral. */
export async function testServer(faults: Faults = {}): Promise<{ server: CollateralServer; evidence: TestEvidence }> {
  const evidence = testEvidence(faults);
  return { server: await startCollateralServer(served(evidence)), evidence };
}

/** The collateral as a service has it: with the issuer chain of the PCK CRL, which the quote carries. */
export function served({ collateral, quote }: TestEvidence): TestEvidence['collateral'] {
  return { ...collateral, pckCrlIssuerChain: parseQuote(quote).certificationData.bytes };
}
