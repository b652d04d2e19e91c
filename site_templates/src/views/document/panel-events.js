/** What hands on a panel's tokens do: they look through a token, or, where another is pinned, are told of it. */

/** @import { Context } from '../../parts/types.js' */
/** @import { PanelEvents } from './panels.js' */
/** @import { Reading } from './reading.js' */
/** @import { Steering } from './steering.js' */

/**
 * @param {Context} context
 * @param {() => {reading: Reading, steering: Steering}} parts which are there once a hand comes
 * @returns {PanelEvents}
 */
export function panelEvents({ state, tooltip }, parts) {
  return {
    onPoint: (name, token) => {
      const { reading } = parts();
      if (!reading.fixed) reading.look({ side: reading.sideOf(name), token });
      if (reading.instead || reading.isFixed(name)) reading.tell(name, token);
      else tooltip.hide();
    },
    onFocus: (name, token) => {
      const { reading } = parts();
      if (!reading.fixed) reading.look({ side: reading.sideOf(name), token });
    },
    onClick: (name, token, how) => {
      const { reading, steering } = parts();
      steering.choose(reading.sideOf(name), token, how);
    },
    onFreeze: (name, token) => parts().steering.freeze(name, token),
    onLeave: () => tooltip.hide(),
    onFrame: (frame) => {
      const { texts } = parts().reading;
      state.set({ doc: texts?.document ?? null, frame: state.get().frame === frame ? null : frame });
    },
    onPartner: (side, token) => parts().steering.pin(side, token),
  };
}
