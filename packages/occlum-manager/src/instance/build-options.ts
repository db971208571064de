import type { OcclumConfig } from '../config/schema.ts';
import type { UserDataOutcome } from './user-data.ts';

/** What a build is given. */
export interface BuildOptions {
  /** PEM file of an RSA-3072 key with exponent 3, see generateSigningKey(). */
  signKey: string;
  /**
   * File with the key that encrypts the image, see generateImageKey(), and how the enclave gets it at boot: from a key
   * service after attestation (init-RA, which the instance must be made with), or, for tests only, from within the
   * image, where the host can read it. Absent: the image is integrity-protected only.
   */
  imageKey?: { file: string; delivery: 'init-ra' | 'allow-built-in' };
  /**
   * True: build a release enclave whose init process asks a key service of which neither measurement nor signer is
   * verified. Whoever answers in its place chooses the secrets. Default false.
   */
  allowUnverifiedKeyService?: boolean;
  /** Configuration to build with, instead of the Occlum.json that is there. */
  config?: OcclumConfig;
  /** Fills a new, empty image folder that takes the place of the one that is there. */
  fillImage?: (root: string) => Promise<void>;
  /** Noted with the build and found again in status(): say, a hash over the inputs. */
  label?: string;
  /** True: a whole build that has the same label already is left as it is. */
  reuse?: boolean;
  /** Ends the build; the instance is then as it was before. */
  signal?: AbortSignal;
  /** Told the output of the tools, for showing progress. */
  onOutput?: (chunk: Uint8Array) => void;
  /** Told the process number of the tool. */
  onStart?: (pid: number) => void;
}

/** What was built. */
export interface BuildResult {
  /** Lower-case hex, 64 characters. */
  readonly mrEnclave: string;
  readonly mrSigner: string;
  readonly userData: UserDataOutcome;
  /** True when a build with the same label was there already, see BuildOptions.reuse. */
  readonly reused: boolean;
}
