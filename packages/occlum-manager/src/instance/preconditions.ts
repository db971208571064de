import { TeeError } from '@neo-service-layer/tee-interface';
import { type BuildMarker, buildState } from './build-marker.ts';
import type { InstanceLayout } from './layout.ts';
import { serverProcess } from './status.ts';
import { type OcclumTool, sgxModeOf } from './tool.ts';

/** The marker of a whole build that fits Occlum.json and the mode. @throws TeeError ERR_OCCLUM_NOT_BUILT */
export async function mustBeBuilt(layout: InstanceLayout, tool: OcclumTool): Promise<BuildMarker> {
  const state = buildState(layout, sgxModeOf(tool));
  if (state.built) return state.marker;
  throw new TeeError('ERR_OCCLUM_NOT_BUILT', `the instance is not built: ${state.reason}`, {
    actual: layout.status,
    hint: 'Call build().',
  });
}

/**
 * Refuses to go on while a server runs, which occlum itself does not notice: a second opener damages the encrypted
 * file system (occlum-contract §1.7, issues 547, 1277).
 *
 * @throws TeeError ERR_OCCLUM_LOCKED
 */
export async function refuseServer(layout: InstanceLayout, action: string): Promise<void> {
  const pid = await serverProcess(layout);
  if (pid === undefined) return;
  throw new TeeError('ERR_OCCLUM_LOCKED', `a server of the instance runs; ${action} would damage its file system`, {
    actual: `process ${pid}`,
    hint: 'Call stop() first.',
  });
}
