/**
 * Points that stand out on a map: drawn once more, alone, over all of them.
 * @import { Cloud, Panel } from '../../draw/types.js'
 */
import { partOf } from '../../draw/cloud.js';

const LARGER = 1.2;
const ALPHA = 0.85;

/** @param {(cloud: Cloud) => void} release what the stage keeps of a cloud */
export function createStandout(release) {
  /** @type {{cloud: Cloud, of: Cloud, paint: Uint8Array, vertices: Uint32Array} | undefined} */
  let part;
  const forget = () => {
    if (part) release(part.cloud);
    part = undefined;
  };
  return {
    forget,
    /** A panel of all points, then one of those that stand out. @param {Panel} panel @param {Uint32Array} [vertices] */
    panels(panel, vertices) {
      const { cloud } = panel;
      if (!vertices || panel.from) return [panel];
      if (part?.vertices !== vertices || part.of !== cloud || part.paint !== cloud.paint) {
        forget();
        part = { cloud: partOf(cloud, vertices), of: cloud, paint: cloud.paint, vertices };
      }
      const over = { ...panel, cloud: part.cloud, count: vertices.length, radius: LARGER * panel.radius, alpha: ALPHA };
      return [panel, over];
    },
  };
}
