/** What hands on a panel's tokens do: they look through a token, or, where another is pinned, are told of it. */

/** @import { Side } from '../../state/types.js' */
/** @import { Context } from '../../parts/types.js' */
/** @import { PanelEvents } from './panels.js' */
/** @import { Reading } from './reading.js' */

/**
 * @param {Context} context
 * @param {() => {reading: Reading, pin: (side: Side, token: number) => void}} parts which are there once a hand comes
 * @returns {PanelEvents}
 */
export function panelEvents({ tooltip }, parts) {
  return {
    onPoint: (name, token) => {
      const { reading } = parts();
      if (reading.pinned) reading.tell(name, token);
      else reading.look({ side: reading.sideOf(name), token });
    },
    onFocus: (name, token) => {
      const { reading } = parts();
      if (!reading.pinned) reading.look({ side: reading.sideOf(name), token });
    },
    onClick: (name, token) => parts().pin(parts().reading.sideOf(name), token),
    onLeave: () => tooltip.hide(),
    onPartner: (side, token) => parts().pin(side, token),
  };
}
