import { type Collateral, TeeError, type TeeErrorCode } from '@neo-service-layer/tee-interface';
import { equalBytes } from '../bytes/equal-bytes.ts';
import { ownedCopy } from '../bytes/owned-copy.ts';
import { unwrapCertificates } from '../collateral/containers.ts';
import { parseQeIdentity, type QeIdentity } from '../collateral/qe-identity.ts';
import type { SignedJson } from '../collateral/signed-json.ts';
import { parseTcbInfo, type TcbInfo } from '../collateral/tcb-info.ts';
import { parseCertificate } from '../x509/certificate.ts';
import type { RevocationList } from '../x509/revocation-list.ts';
import { type CertificateChain, verifyCertificateChain } from './certificate-chain.ts';
import { CheckList } from './check-list.ts';
import { PreparedCollateral } from './prepared-collateral.ts';
import { readRevocationList, requireNotRevoked, verifyRevocationList } from './revocation.ts';
import { SignatureChecker } from './signature-checker.ts';
import { loadTrustAnchors, type TrustAnchor } from './trust-anchor.ts';
import { certificateWindow, documentWindow, revocationListWindow, type ValidityWindow } from './validity-window.ts';

/** Options of preparing collateral: those of a verification less the time. */
export interface PrepareOptions {
  /** Root certificates, DER or PEM. Default: the Intel SGX Root CA. */
  trustAnchors?: readonly Uint8Array[] | undefined;
  /** `skip` looks at no revocation list at all, and the verdict says so. Default: `required`. */
  revocation?: 'required' | 'skip' | undefined;
}

/**
 * Checks collateral once, for any number of quotes. Bad collateral is no exception: the verdicts say what is wrong.
 * @throws {TeeError} ERR_TRUST_ANCHOR for anchors that are none
 */
export async function prepareCollateral(
  collateral: Collateral,
  options: PrepareOptions = {},
): Promise<PreparedCollateral> {
  const preparation = new Preparation(loadTrustAnchors(options.trustAnchors));
  return preparation.run(collateral, options.revocation ?? 'required');
}

class Preparation {
  readonly #list = new CheckList();
  readonly #windows: ValidityWindow[] = [];
  readonly #signatures = new SignatureChecker();
  /** Both documents usually come with the same chain. */
  readonly #chains: { bytes: Uint8Array; chain: CertificateChain }[] = [];
  #anchors: readonly TrustAnchor[];

  constructor(anchors: readonly TrustAnchor[]) {
    this.#anchors = anchors;
  }

  async run(collateral: Collateral, revocation: 'required' | 'skip'): Promise<PreparedCollateral> {
    const tcbChain = await this.#signer('tcbInfo', collateral.tcbInfoIssuerChain);
    // Everything must rest on the same root, or one root could speak about the platforms of another.
    if (tcbChain) this.#anchors = [tcbChain.anchor];
    const qeChain = await this.#signer('qeIdentity', collateral.qeIdentityIssuerChain);
    const lists = await this.#revocationLists(collateral, revocation, [tcbChain, qeChain]);
    return new PreparedCollateral({
      ...lists,
      tcbInfo: await this.#tcbInfo(collateral, tcbChain),
      qeIdentity: await this.#qeIdentity(collateral, qeChain),
      pckCertificates: this.#pckCertificates(collateral),
      checks: this.#list.checks,
      windows: this.#windows,
      anchors: this.#anchors,
      revocation,
      signatures: this.#signatures,
      pckPaths: new Map(),
    });
  }

  async #signer(document: 'tcbInfo' | 'qeIdentity', bytes: Uint8Array): Promise<CertificateChain | null> {
    const known = this.#chains.find((candidate) => equalBytes(candidate.bytes, bytes));
    const chain = await this.#list.runAsync(
      `${document}.chain`,
      describeSigner,
      async () =>
        known?.chain ??
        verifyCertificateChain(unwrapCertificates(bytes), 'tcbSigning', this.#anchors, this.#signatures),
    );
    if (!chain) return null;
    this.#chains.push({ bytes: ownedCopy(bytes), chain });
    for (const certificate of [chain.leaf, chain.anchor.certificate]) {
      this.#windows.push(certificateWindow(`${document}.chainTime`, certificate));
    }
    return chain;
  }

  async #revocationLists(
    collateral: Collateral,
    revocation: 'required' | 'skip',
    signers: readonly (CertificateChain | null)[],
  ): Promise<{ rootCaCrl: RevocationList | null; pckCrl: RevocationList | null }> {
    if (revocation === 'skip') {
      this.#list.run('revocation', 'Skipped, as the caller asked: revoked certificates go unnoticed.', () => null);
      return { rootCaCrl: null, pckCrl: null };
    }
    const [tcbSigner = null] = signers;
    const rootCaCrl = await this.#rootCrl(collateral, tcbSigner);
    if (rootCaCrl) {
      this.#list.run('signers.revocation', 'The certificates that signed the collateral are not revoked.', () => {
        for (const signer of signers) if (signer) requireNotRevoked(signer.leaf, rootCaCrl);
      });
    }
    const pckCrl = this.#list.run('pckCrl.format', 'The revocation list of the PCK CA is well-formed.', () =>
      this.#dated('pckCrl.time', readRevocationList(collateral.pckCrl, 'revocation list of the PCK CA')),
    );
    if (pckCrl) await this.#meetPckCa(collateral, pckCrl);
    return { rootCaCrl, pckCrl };
  }

  /**
   * Checks the signatures of the PCK CA and its list ahead of the first quote, when the collateral names that CA. It
   * only fills the memory of signatures: what the quote's own chain says is examined all the same.
   */
  async #meetPckCa({ pckCrlIssuerChain }: Collateral, pckCrl: RevocationList): Promise<void> {
    if (!pckCrlIssuerChain) return;
    const quiet = new CheckList();
    const others = (der: Uint8Array) => this.#anchors.every(({ certificate }) => !equalBytes(certificate.der, der));
    const read = () => unwrapCertificates(pckCrlIssuerChain).filter(others).map(parseCertificate);
    const ca = quiet.run('', '', read)?.find(({ subject }) => equalBytes(subject, pckCrl.issuer));
    if (!ca?.publicKey || !ca.signature) return;
    for (const { publicKey } of this.#anchors) await this.#signatures.verify(publicKey, ca.signature, ca.tbs);
    await this.#signatures.verify(ca.publicKey, pckCrl.signature, pckCrl.tbs);
  }

  async #rootCrl(collateral: Collateral, signer: CertificateChain | null): Promise<RevocationList | null> {
    return this.#list.runAsync('rootCrl.signature', 'The revocation list of the root CA is its own.', async () => {
      const read = readRevocationList(collateral.rootCaCrl, 'revocation list of the root CA');
      this.#dated('rootCrl.time', read);
      if (!signer) throw new TeeError('ERR_CRL_ISSUER', 'Without a trusted root its revocation list means nothing.');
      const { certificate, publicKey } = signer.anchor;
      await verifyRevocationList(read, certificate, publicKey, this.#signatures);
      return read;
    });
  }

  #dated(name: string, crl: RevocationList): RevocationList {
    this.#windows.push(revocationListWindow(name, crl));
    return crl;
  }

  async #tcbInfo(collateral: Collateral, chain: CertificateChain | null): Promise<TcbInfo | null> {
    const read = this.#list.run('tcbInfo.format', 'The TCB info is strict JSON of a known version.', () =>
      parseTcbInfo(collateral.tcbInfo, collateral.tcbInfoSignature),
    );
    if (!read) return null;
    this.#windows.push(documentWindow('tcbInfo', read.info));
    return (await this.#signature('tcbInfo', read.signed, chain)) ? read.info : null;
  }

  async #qeIdentity(collateral: Collateral, chain: CertificateChain | null): Promise<QeIdentity | null> {
    const read = this.#list.run('qeIdentity.format', 'The QE identity is strict JSON of a known version.', () =>
      parseQeIdentity(collateral.qeIdentity, collateral.qeIdentitySignature),
    );
    if (!read) return null;
    this.#windows.push(documentWindow('qeIdentity', read.identity));
    return (await this.#signature('qeIdentity', read.signed, chain)) ? read.identity : null;
  }

  async #signature(document: 'tcbInfo' | 'qeIdentity', signed: SignedJson, chain: CertificateChain | null) {
    const code: TeeErrorCode = document === 'tcbInfo' ? 'ERR_TCB_INFO_SIGNATURE' : 'ERR_QE_IDENTITY_SIGNATURE';
    return this.#list.runAsync(
      `${document}.signature`,
      'Its raw bytes are signed by its signing certificate.',
      async () => {
        const key = chain?.leaf.publicKey;
        if (!key) throw new TeeError(code, 'Without a trusted signing certificate the signature means nothing.');
        if (await this.#signatures.verify(key, signed.signature, signed.signedBytes)) return true;
        throw new TeeError(code, 'The signing certificate did not sign these bytes.', {
          hint: 'A document that was re-indented or re-serialised no longer verifies: keep the bytes as they came.',
        });
      },
    );
  }

  #pckCertificates({ pckCertificateChain }: Collateral): readonly Uint8Array[] {
    if (!pckCertificateChain) return [];
    const found = this.#list.run('pckCertificates.format', 'The PCK chain beside the quote is readable.', () =>
      unwrapCertificates(pckCertificateChain),
    );
    return found ?? [];
  }
}

function describeSigner({ leaf, anchor, rootDiffers }: CertificateChain): string {
  const note = rootDiffers ? '; the chain carries that root in another encoding' : '';
  return `${leaf.subjectName} was issued by the trust anchor ${anchor.certificate.subjectName}${note}.`;
}
