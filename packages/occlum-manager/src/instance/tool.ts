import type { OcclumExecutable } from '../process/launch.ts';

/** What an instance needs to know of the tool that drives it. */
export interface OcclumTool {
  readonly executable: OcclumExecutable;
  readonly mode: 'simulation' | 'hardware';
  /** The LibOS refuses programs that are not position-independent; occlum-sim, unasked, does not. */
  readonly demandsPie: boolean;
  readonly rootfs: 'image' | 'none';
  /** The whole environment of every command, but for what a program is given. */
  readonly env: Readonly<Record<string, string>>;
}

/** The mode as `occlum build --sgx-mode` and `.sgx_mode` spell it. */
export function sgxModeOf(tool: OcclumTool): 'HW' | 'SIM' {
  return tool.mode === 'simulation' ? 'SIM' : 'HW';
}
